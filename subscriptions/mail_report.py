"""How the mail fares: the account of an issue, the days of a month, and two signals of doubles."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from subscriptions.bounces.dsn import Kind
from subscriptions.models import Delivery, Issue, MailEvent

State = Delivery.State
UNDER_WAY = [State.PENDING, State.CLAIMED, State.SENDING, State.DEFERRED]
ENDS = [
    *(State.SENT, State.EMPTY, State.SUPPRESSED, State.FAILED, State.EXPIRED, State.UNCERTAIN),
]
LOOKED_BACK = timedelta(days=9)  # as long as a paper can be in a digest, and a day


@dataclass(frozen=True)
class Account:
    """The audience of an issue, by where each of its mails stands. It always adds up."""

    states: dict[str, int]

    @classmethod
    def of(cls, issue: Issue) -> "Account":
        return cls(issue.deliveries.all().by_state())

    @property
    def audience(self) -> int:
        return sum(self.states.values())

    @property
    def under_way(self) -> int:
        return sum(self.states.get(state, 0) for state in UNDER_WAY)

    @property
    def done(self) -> int:
        return self.audience - self.under_way

    @property
    def rows(self) -> list[tuple[str, int]]:
        return [(State(it).label, self.states.get(it, 0)) for it in [*ENDS, *UNDER_WAY]]


@dataclass
class Day:
    date: date
    states: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        return self.states[State.SENT]

    @property
    def failed(self) -> int:
        return self.states[State.FAILED]

    @property
    def uncertain(self) -> int:
        return self.states[State.UNCERTAIN]

    @property
    def bounced(self) -> int:
        return self.events[Kind.HARD] + self.events[Kind.SOFT]

    @property
    def complained(self) -> int:
        return self.events[Kind.COMPLAINT]

    @property
    def tried(self) -> int:
        return self.sent + self.failed + self.uncertain


def days(first: date, last: date) -> list[Day]:
    """Each day's mails by what became of them, and what was heard of mails on that day."""
    known = {
        first + timedelta(days=number): Day(first + timedelta(days=number))
        for number in range((last - first).days + 1)
    }
    mails = Delivery.objects.filter(due_at__date__range=(first, last)).order_by()
    for on, state, count in (
        mails.annotate(on=TruncDate("due_at")).values_list("on", "state").annotate(Count("pk"))
    ):
        known[on].states[state] = count
    events = MailEvent.objects.filter(happened_at__date__range=(first, last)).order_by()
    for on, kind, count in (
        events.annotate(on=TruncDate("happened_at")).values_list("on", "kind").annotate(Count("pk"))
    ):
        known[on].events[kind] = count
    return list(known.values())


def alarms(now: datetime) -> list[str]:
    """What can only be if mail went out twice, whatever our own record says."""
    arrived = Q(events__kind=Kind.DELIVERED)
    recent = Delivery.objects.filter(issue__created_at__gte=now - LOOKED_BACK)
    issues = (
        recent.order_by("issue__first_day", "issue__frequency")
        .values_list("issue__frequency", "issue__period")
        .annotate(
            audience=Count("pk", distinct=True),
            reached=Count("pk", filter=arrived, distinct=True),
            arrived=Count("events", filter=arrived, distinct=True),
        )
    )
    said = []
    for frequency, period, audience, reached, reports in issues:
        issue = f"{frequency} {period}"
        if twice := reports - reached:
            said.append(f"{issue}: reported as delivered a second time: {twice}.")
        if reports > audience:
            said.append(f"{issue}: more were delivered than sent: {reports} of {audience}.")
    return said
