"""Answers why an address got no digest: one plain sentence, and the facts that it is made from."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from subscriptions.bounces.dsn import EventKind
from subscriptions.models import Delivery, Issue, MailEvent, Subscriber, Subscription, Suppression
from subscriptions.models.subscriber import normalize_address

MAX_ROWS = 10  # deliveries that are shown, and mail events
State = Delivery.State
REPORTS = {
    EventKind.HARD: "it came back as undeliverable",
    EventKind.SOFT: "it came back for now",
    EventKind.REFUSED: "the other server refused it",
    EventKind.DELAYED: "the other server still tries to deliver it",
    EventKind.COMPLAINT: "it was reported as spam",
    EventKind.DELIVERED: "the other server took it",
}


@dataclass(frozen=True)
class MailFacts:
    """What is known of an address, or of `@` and a domain. Deliveries and events newest first."""

    address: str
    subscriber: Subscriber | None = None
    subscriptions: list[Subscription] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)  # with their issues
    events: list[MailEvent] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)
    last_sent_at: datetime | None = None
    is_held: bool = False

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def deliveries_with_reasons(self) -> list[tuple[Delivery, str]]:
        return [(delivery, reason_of(delivery)) for delivery in self.deliveries]


def read_facts(address: str, subscriber: Subscriber | None = None) -> MailFacts:
    """In at most seven queries; one less where the subscriber is known."""
    address = normalize_address(address)
    suppressions = list(Suppression.objects.for_address(address))
    subscriber = subscriber or Subscriber.objects.by_address(address)
    if subscriber is None:
        return MailFacts(address, suppressions=suppressions, is_held=settings.SENDING_HELD)
    deliveries = subscriber.deliveries.select_related("issue").order_by("-due_at", "-pk")
    events = MailEvent.objects.filter(delivery__subscriber=subscriber)
    sent = subscriber.deliveries.filter(state=State.SENT).order_by("-sent_at")
    return MailFacts(
        address,
        subscriber,
        list(subscriber.subscriptions.with_readers().select_related("topic")),
        list(deliveries[:MAX_ROWS]),
        list(events.select_related("delivery__issue").order_by("-happened_at")[:MAX_ROWS]),
        suppressions,
        sent.values_list("sent_at", flat=True).first(),
        settings.SENDING_HELD,
    )


def explain(facts: MailFacts) -> str:
    """The answer: since when there was no digest, and the first reason that stops the next one."""
    if facts.subscriber is None:
        return _of_no_subscriber(facts)
    if reason := _what_stops_all(facts, facts.subscriber):
        return f"{_since(facts)}: {reason}."
    if not facts.deliveries:
        return f"No digest yet: {_next(facts.subscriber)}."
    latest = facts.deliveries[0]
    if latest.state == State.SENT:
        return f"{_of_a_sent(latest, facts)}; {_next(facts.subscriber)}."
    return f"{_since(facts)}: {_of_an_unsent(latest)}."


def _of_no_subscriber(facts: MailFacts) -> str:
    if facts.address.startswith("@"):
        text = _suppressed(facts) or f"mail to {facts.domain} is not suppressed"
        return f"{text[0].upper()}{text[1:]}."
    start = f"No such subscriber: {facts.address}"
    if suppressed := _suppressed(facts):
        return f"{start}; {suppressed}."
    return f"{start}. Nobody confirmed a subscription with it, or it was deleted; mail may be sent."


def _since(facts: MailFacts) -> str:
    return f"No digest since {_day(facts.last_sent_at)}" if facts.last_sent_at else "No digest yet"


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y") if at else "an unknown day"


def _minute(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i") if at else "an unknown time"


# --- What stops every mail ---


def _what_stops_all(facts: MailFacts, subscriber: Subscriber) -> str:
    """Empty if nothing does. The gravest first: what ends mail for good."""
    if subscriber.unsubscribed_at:
        return f"they unsubscribed on {_day(subscriber.unsubscribed_at)}"
    if suppressed := _suppressed(facts):
        return suppressed
    if not subscriber.confirmed_at:
        return _of_unconfirmed(subscriber)
    if subscriber.paused_at:
        return f"mail is paused since {_day(subscriber.paused_at)}"
    if not facts.subscriptions:
        return "there is no subscription"
    if facts.is_held:
        return "all sending is held while SENDING_HELD is set"
    if all(each.is_personal and not each.reader_id for each in facts.subscriptions):
        return "the subscriptions depend on an account, and none has confirmed the address"
    problems = [each.problem for each in facts.subscriptions if each.problem]
    if len(problems) == len(facts.subscriptions):
        return f"the papers of the subscription cannot be found ({problems[0]})"
    return ""


def _suppressed(facts: MailFacts) -> str:
    """Of the first suppression; empty if there is none."""
    if not facts.suppressions:
        return ""
    row = facts.suppressions[0]
    whose = f"every address at {facts.domain}" if row.is_domain else "the address"
    end = f"suppressed ({row.get_scope_display()})" + (f": “{row.note}”" if row.note else "")
    day = _day(row.created_at)
    match row.reason:
        case Suppression.Reason.HARD_BOUNCE:
            day = _day(_bounced_at(facts) or row.created_at)
            return f"{whose} bounced hard on {day} and is {end}"
        case Suppression.Reason.SOFT_BOUNCES:
            return f"mail came back several times in a row until {day}, so {whose} is {end}"
        case Suppression.Reason.COMPLAINT:
            return f"a mail was reported as spam on {day}, so {whose} is {end}"
    return f"on {day} a curator decided that {whose} is {end}"


def _bounced_at(facts: MailFacts) -> datetime | None:
    hard = [event.happened_at for event in facts.events if event.kind == EventKind.HARD]
    return hard[0] if hard else None


def _of_unconfirmed(subscriber: Subscriber) -> str:
    if subscriber.confirmation_sent_at is None:
        return "the subscription is not confirmed, and its link has not been mailed yet"
    mailed = _minute(subscriber.confirmation_sent_at)
    return f"the subscription is not confirmed; its link was mailed on {mailed}"


# --- What became of the latest delivery ---


def _of_a_sent(delivery: Delivery, facts: MailFacts) -> str:
    text = f"The last digest ({delivery.issue}) was sent on {_minute(delivery.sent_at)}"
    reports = [event.kind for event in facts.events if event.delivery_id == delivery.pk]
    known = [REPORTS[EventKind(kind)] for kind in reports if kind in REPORTS]
    return f"{text}, and {known[0]}" if known else f"{text}, and nothing came back"


def _of_an_unsent(delivery: Delivery) -> str:
    match delivery.state:
        case State.UNCERTAIN:
            became = "is uncertain"
        case State.PENDING | State.CLAIMED | State.SENDING | State.DEFERRED:
            became = "still waits"
        case _:
            became = "was not sent"
    return f"the last one ({delivery.issue}) {became}: {reason_of(delivery)}"


def reason_of(delivery: Delivery) -> str:
    """Why it is in its state; empty for one that was sent."""
    error = delivery.last_error or "no reason is stored"
    match delivery.state:
        case State.SENT:
            return ""
        case State.EMPTY:
            return "no new papers for these subscriptions"
        case State.FAILED:
            return error
        case State.UNCERTAIN:
            return f"it may have arrived or not ({error}), so it is not sent again by itself"
        case State.EXPIRED:
            return f"it could not be sent until {_minute(delivery.expires_at)}, then it was too old"
        case State.SUPPRESSED:
            return "when it was to leave, the address was suppressed, paused or unsubscribed"
    if delivery.issue.state == Issue.State.PAUSED:
        return f"the issue is paused ({delivery.issue.paused_because or 'no reason is stored'})"
    if delivery.state == State.DEFERRED:
        return f"put off ({error}), to be tried again on {_minute(delivery.due_at)}"
    return f"due on {_minute(delivery.due_at)}"


def _next(subscriber: Subscriber) -> str:
    if subscriber.next_due_at is None:
        return "no next one is planned"
    return f"the next one is due {_minute(subscriber.next_due_at)}"
