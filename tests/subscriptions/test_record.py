"""Soft bounces in a row, and which reason of a suppression is kept."""

import pytest

from subscriptions.bounces.dsn import EventKind
from subscriptions.bounces.record import Event, record
from subscriptions.models import Delivery, Subscriber, Suppression
from tests.subscriptions.factories import FRIDAY_8AM, past_deliveries, suppressed

pytestmark = pytest.mark.django_db
Reason = Suppression.Reason


def soft(delivery: Delivery, number: int = 0) -> Event:
    return Event(
        "mail", f"soft {delivery.pk} {number}", EventKind.SOFT, FRIDAY_8AM, delivery=delivery
    )


def arrived(delivery: Delivery) -> Event:
    return Event(
        "mail", f"arrived {delivery.pk}", EventKind.DELIVERED, FRIDAY_8AM, delivery=delivery
    )


def test_five_soft_bounces_in_a_row_suppress() -> None:
    deliveries = past_deliveries(5)
    for delivery in deliveries[:4]:
        record(soft(delivery))
        record(soft(delivery, 1))  # of the same mail: one bounce
    assert suppressed() is None
    record(soft(deliveries[4]))
    assert suppressed() == ("soft bounces", "bulk")


def test_one_that_arrives_begins_the_row_anew() -> None:
    deliveries = past_deliveries(7)
    for delivery in deliveries:
        record(arrived(delivery) if delivery == deliveries[3] else soft(delivery))
    assert suppressed() is None
    assert Subscriber.objects.get().soft_bounces == 3


@pytest.mark.parametrize("first", [0, 1])
def test_the_gravest_reason_stands_in_whatever_order(first: int) -> None:
    reasons = [Reason.COMPLAINT, Reason.HARD_BOUNCE]
    for reason in (reasons[first], reasons[1 - first]):
        Suppression.objects.add("ada@example.org", reason)
    assert suppressed() == ("hard bounce", "all")
