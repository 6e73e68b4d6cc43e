"""Records events about our mail, and what follows: suppression, unsubscription, bounce counts.

The result is the same in whatever order events come, and however often each is repeated.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from subscriptions.bounces.dsn import EventKind
from subscriptions.models import Delivery, MailEvent, Subscriber, Suppression
from subscriptions.models.subscriber import normalize_address

MAX_SOFT_BOUNCES = 5  # in a row; then the address is suppressed
MAX_DETAIL_CHARS = 500


@dataclass(frozen=True, slots=True)
class Event:
    """`event_id` is unique for its provider; `details` are stored for curators to read."""

    provider: str
    event_id: str
    kind: EventKind
    at: datetime
    address: str = ""
    delivery: Delivery | None = None
    details: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def record(event: Event) -> bool:
    """Store an event, once however often it is reported. Whether it is new."""
    subscriber = _subscriber(event)
    address = subscriber.address if subscriber else normalize_address(event.address)
    details = {name: _without_address(text, address) for name, text in event.details.items()}
    _, is_new = MailEvent.objects.get_or_create(
        provider=event.provider,
        event_id=event.event_id,
        defaults={
            "kind": event.kind,
            "delivery": event.delivery,
            "said": details,
            "happened_at": event.at,
        },
    )
    if is_new:
        match event.kind:
            case EventKind.HARD if address:
                Suppression.objects.add(address, Suppression.Reason.HARD_BOUNCE)
            case EventKind.COMPLAINT if address:
                Suppression.objects.add(address, Suppression.Reason.COMPLAINT)
            case EventKind.UNSUBSCRIBE if subscriber:
                subscriber.unsubscribe(event.at)
            case EventKind.SOFT | EventKind.DELIVERED if subscriber:
                _count_soft_bounces(subscriber)
    return is_new


def _subscriber(event: Event) -> Subscriber | None:
    if event.delivery:
        return event.delivery.subscriber
    return Subscriber.objects.by_address(event.address) if event.address else None


def _without_address(text: str, address: str) -> str:
    """An erased address must not be found anywhere, so it is not stored here either."""
    if address:
        text = re.sub(re.escape(address), "…", text, flags=re.I)
    return text[:MAX_DETAIL_CHARS]


def _count_soft_bounces(subscriber: Subscriber) -> None:
    """Count soft bounces in a row. One mail that was delivered shows that the mailbox works."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    events = MailEvent.objects.filter(
        delivery__subscriber=subscriber, kind__in=[EventKind.SOFT, EventKind.DELIVERED]
    )
    latest_first = events.order_by("-delivery_id").values_list("delivery_id", "kind")[:200]
    kinds_by_delivery: dict[int | None, set[str]] = {}
    for delivery, kind in latest_first:
        kinds_by_delivery.setdefault(delivery, set()).add(kind)
    in_a_row = 0
    for kinds in kinds_by_delivery.values():
        if EventKind.DELIVERED in kinds:
            break
        in_a_row += 1
    Subscriber.objects.filter(pk=subscriber.pk).update(soft_bounces=in_a_row)
    if in_a_row >= MAX_SOFT_BOUNCES:
        Suppression.objects.add(subscriber.address, Suppression.Reason.SOFT_BOUNCES)
    else:
        suppressions = Suppression.objects.for_address(subscriber.address)
        suppressions.filter(reason=Suppression.Reason.SOFT_BOUNCES).delete()
