"""A subscriber with their orders in one line, and one who is due; sending what is claimed."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from papers.models import Topic
from subscriptions.issues import digests
from subscriptions.issues.candidates import Candidates
from subscriptions.issues.section import Section
from subscriptions.models import Delivery, Issue, Subscriber, Suppression
from subscriptions.models.delivery_queue import DeliveryQuerySet
from subscriptions.orders.order_request import OrderRequest
from subscriptions.sending import run
from tests.factories import numbers

FRIDAY_8AM = datetime(2025, 3, 14, 8, tzinfo=UTC)  # an hour after the first digest of the day
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
ZONES = [  # thirty, of every hour and of the odd quarters, with all ways to change the clocks
    *("Pacific/Kiritimati", "Pacific/Apia", "Pacific/Chatham", "Pacific/Auckland"),
    *("Australia/Lord_Howe", "Australia/Sydney", "Australia/Adelaide", "Asia/Tokyo"),
    *("Asia/Shanghai", "Asia/Yangon", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran"),
    *("Asia/Beirut", "Africa/Cairo", "Africa/Nairobi", "Europe/Moscow", "Europe/Berlin"),
    *("Europe/London", "Africa/Casablanca", "Antarctica/Troll", "UTC", "America/Nuuk"),
    *("America/St_Johns", "America/Santiago", "America/Sao_Paulo", "America/New_York"),
    *("America/Phoenix", "America/Los_Angeles", "Pacific/Honolulu"),
]


def a_subscriber(
    address: str = "", *, orders: list[dict[str, Any]] | None = None, **fields: Any
) -> Subscriber:
    """Confirmed, and due for every issue since the evening before FRIDAY_8AM."""
    fields.setdefault("confirmed_at", FRIDAY_8AM - 30 * A_DAY)
    subscriber = Subscriber.objects.create(
        address=address or f"reader{next(numbers)}@example.org", **fields
    )
    for order in [{}] if orders is None else orders:
        subscriber.subscriptions.create(**order)
    subscriber.schedule_next_issue(FRIDAY_8AM - 12 * AN_HOUR)
    return subscriber


def on_topic(topic: Topic, **fields: Any) -> dict[str, Any]:
    return {"what": "topic", "topic": topic} | fields


def a_delivery(subscriber: Subscriber | None = None, **fields: Any) -> Delivery:
    """Of the daily issue of 14 March, to be sent at FRIDAY_8AM."""
    day = FRIDAY_8AM.date()
    issue, _ = Issue.objects.get_or_create(
        frequency="daily", period=day.isoformat(), first_day=day, last_day=day
    )
    times = {"due_at": FRIDAY_8AM - AN_HOUR, "expires_at": FRIDAY_8AM + A_DAY}
    fields = {"issue": issue, **times} | fields
    return Delivery.objects.create(subscriber=subscriber or a_subscriber(), **fields)


def states() -> dict[str, str]:
    return {it.subscriber.address: it.state for it in Delivery.objects.select_related("subscriber")}


def compose_one(delivery: Delivery) -> list[Section]:
    """The sections of this digest, chosen and kept as the sending process does it."""
    return digests.compose([delivery], Candidates(FRIDAY_8AM))[delivery.pk]


def suppressed(address: str = "ada@example.org") -> tuple[str, str] | None:
    row = Suppression.objects.for_address(address).first()
    return (row.reason, row.scope) if row else None


def past_deliveries(number: int) -> list[Delivery]:
    """One a day to one subscriber, from FRIDAY_8AM on, all of them sent."""
    subscriber = a_subscriber("ada@example.org")
    deliveries = []
    for at in (FRIDAY_8AM + day * A_DAY for day in range(number)):
        issue = Issue.objects.create(
            frequency="daily", period=f"{at.date()}", first_day=at.date(), last_day=at.date()
        )
        times = {"sent_at": at, "expires_at": at + A_DAY}
        deliveries.append(issue.deliveries.create(subscriber=subscriber, state="sent", **times))
    return deliveries


def an_order_request(**fields: Any) -> OrderRequest:
    everything = {"everything": True, "topics": [], "frequency": "daily", "weekday": 0}
    return OrderRequest(**everything | {"hour": 7, "time_zone": "UTC"} | fields)


def send_claimed(deliveries: Sequence[Delivery], now: datetime) -> Counter[str]:
    """A run that finds these claimed, whoever may have claimed them since, and nothing else due."""
    claims = [list(deliveries)]

    def claim(*_: Any, **__: Any) -> list[Delivery]:
        return claims.pop() if claims else []

    with patch.object(DeliveryQuerySet, "claim", claim):
        return run.run(now)
