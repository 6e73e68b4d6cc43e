"""Mail statistics for curators: progress of an issue, counts by day, warnings of double mail."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from subscriptions.bounces.dsn import EventKind
from subscriptions.models import Delivery, Issue, MailEvent
from subscriptions.models.delivery import UNFINISHED_STATES

State = Delivery.State
FINAL_STATES = [
    *(State.SENT, State.EMPTY, State.SUPPRESSED, State.FAILED, State.EXPIRED, State.UNCERTAIN),
]
HELD = "Sending is held: no digest and no confirmation email leaves while SENDING_HELD is set."
ALARM_WINDOW = timedelta(days=9)  # as long as a paper can be in a digest, and a day


@dataclass(frozen=True)
class IssueProgress:
    """The deliveries of an issue, counted by state."""

    states: dict[str, int]

    @classmethod
    def from_issue(cls, issue: Issue) -> "IssueProgress":
        return cls(issue.deliveries.all().count_by_state())

    @property
    def audience(self) -> int:
        return sum(self.states.values())

    @property
    def unfinished(self) -> int:
        return sum(self.states.get(state, 0) for state in UNFINISHED_STATES)

    @property
    def done(self) -> int:
        return self.audience - self.unfinished

    @property
    def rows(self) -> list[tuple[str, int]]:
        return [
            (State(state).label, self.states.get(state, 0))
            for state in [*FINAL_STATES, *UNFINISHED_STATES]
        ]


@dataclass
class Day:
    """The deliveries due on a day by state, and the mail events of that day by kind."""

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
        return self.events[EventKind.HARD] + self.events[EventKind.SOFT]

    @property
    def complained(self) -> int:
        return self.events[EventKind.COMPLAINT]

    @property
    def tried(self) -> int:
        return self.sent + self.failed + self.uncertain


def days(first: date, last: date) -> list[Day]:
    """One Day for each date from `first` to `last`, both included."""
    by_date = {
        first + timedelta(days=number): Day(first + timedelta(days=number))
        for number in range((last - first).days + 1)
    }
    deliveries = Delivery.objects.filter(due_at__date__range=(first, last)).order_by()
    for on, state, count in (
        deliveries.annotate(on=TruncDate("due_at")).values_list("on", "state").annotate(Count("pk"))
    ):
        by_date[on].states[state] = count
    events = MailEvent.objects.filter(happened_at__date__range=(first, last)).order_by()
    for on, kind, count in (
        events.annotate(on=TruncDate("happened_at")).values_list("on", "kind").annotate(Count("pk"))
    ):
        by_date[on].events[kind] = count
    return list(by_date.values())


def alarms(now: datetime) -> list[str]:
    """That sending is held; events that are possible only if mail went out twice."""
    has_arrived = Q(events__kind=EventKind.DELIVERED)
    recent = Delivery.objects.filter(issue__created_at__gte=now - ALARM_WINDOW)
    issues = (
        recent.order_by("issue__first_day", "issue__frequency")
        .values_list("issue__frequency", "issue__period")
        .annotate(
            audience=Count("pk", distinct=True),
            deliveries_arrived=Count("pk", filter=has_arrived, distinct=True),
            arrival_events=Count("events", filter=has_arrived, distinct=True),
        )
    )
    warnings = [HELD] if settings.SENDING_HELD else []
    for frequency, period, audience, arrived, arrival_events in issues:
        issue = f"{frequency} {period}"
        if twice := arrival_events - arrived:
            warnings.append(f"{issue}: reported as delivered a second time: {twice}.")
        if arrival_events > audience:
            warnings.append(
                f"{issue}: more were delivered than sent: {arrival_events} of {audience}."
            )
    return warnings
