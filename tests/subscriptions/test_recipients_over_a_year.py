"""A year of mail around the world: whatever the clocks do, one issue for each day at its hour."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Min

from subscriptions.issues import recipients
from subscriptions.models import Subscriber
from tests.subscriptions.factories import A_DAY, ZONES, a_subscriber

pytestmark = pytest.mark.django_db
HOUR = 2  # the one that clocks leave out, or have twice
SPRING = datetime(2025, 3, 8, 12, tzinfo=UTC)  # clocks change in New York


def live_through(first: datetime, last: datetime) -> None:
    """As the sweeps do, one at each moment at which somebody is due."""
    now = Subscriber.objects.aggregate(first=Min("next_due_at"))["first"]
    while now is not None and now <= last:
        recipients.create_deliveries(now)
        now = Subscriber.objects.aggregate(first=Min("next_due_at"))["first"]


def check(subscriber: Subscriber, frequency: str, days: int) -> None:
    """One issue for each day that it falls on, named for that day, at the hour or just after."""
    mails = subscriber.deliveries.select_related("issue").order_by("due_at")
    local = [mail.due_at.astimezone(subscriber.zone) for mail in mails]
    named = [mail.issue.period for mail in mails]
    assert len(set(named)) == len(named)
    if frequency == "weekly":
        assert {it.weekday() for it in local} == {0}
        assert abs(len(named) - days / 7) < 1.2
    else:
        dates = [date.fromisoformat(name) for name in named]
        assert dates == [it.date() for it in local]
        whole = [dates[0] + timedelta(days=n) for n in range((dates[-1] - dates[0]).days + 1)]
        assert dates == [it for it in whole if frequency == "daily" or it.weekday() < 5]
        assert abs(whole[-1] - whole[0] - (days - 1) * A_DAY) <= A_DAY * 3
    off = [it for it in local if (it.hour, it.minute) != (HOUR, 0)]
    assert all((it.hour, it.minute) in {(HOUR, 30), (HOUR + 1, 0)} for it in off)
    assert len(off) <= 2  # where the clocks leave the hour out


# Of these, New York and St. John's change their clocks at this hour within the four days.
FEW_ZONES = [
    *("America/New_York", "America/St_Johns", "UTC", "Australia/Lord_Howe"),
    "Pacific/Kiritimati",
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "zones"),
    [
        (4, FEW_ZONES),
        pytest.param(366, ZONES, marks=[pytest.mark.long, pytest.mark.timeout(900)]),
    ],
)
def test_everybody_gets_one_issue_a_day_at_their_hour(days: int, zones: list[str]) -> None:
    frequencies = ["daily", "weekdays", "weekly"] if days > 7 else ["daily"]
    orders = {}
    for frequency in frequencies:
        for zone in zones:
            subscriber = a_subscriber(time_zone=zone, hour=HOUR, orders=[{"frequency": frequency}])
            subscriber.schedule_next_issue(SPRING)
            orders[subscriber] = frequency

    live_through(SPRING, SPRING + days * A_DAY)

    for subscriber, frequency in orders.items():
        check(subscriber, frequency, days)
