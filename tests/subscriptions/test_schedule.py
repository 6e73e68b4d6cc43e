"""Which issue is out for whom, and when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from subscriptions import schedule
from tests.selection import every_nth
from tests.subscriptions.factories import ZONES


@dataclass
class Order:
    frequency: str = "daily"
    weekday: int = 0


DAILY, WEEKDAYS, MONDAYS, SUNDAYS = (
    Order(),
    Order("weekdays"),
    Order("weekly"),
    Order("weekly", weekday=6),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("order", "zone", "hour", "after", "due"),
    [
        (DAILY, "UTC", 7, "2025-03-14T06:59", "2025-03-14T07:00"),
        (DAILY, "UTC", 7, "2025-03-14T07:00", "2025-03-15T07:00"),
        (WEEKDAYS, "UTC", 7, "2025-03-14T08:00", "2025-03-17T07:00"),
        (MONDAYS, "UTC", 7, "2025-03-14T08:00", "2025-03-17T07:00"),
        (SUNDAYS, "UTC", 7, "2025-03-14T08:00", "2025-03-16T07:00"),
        (DAILY, "Europe/Berlin", 7, "2025-03-14T08:00", "2025-03-15T06:00"),
        (DAILY, "America/Los_Angeles", 18, "2025-03-14T08:00", "2025-03-15T01:00"),
        (DAILY, "Pacific/Kiritimati", 7, "2025-03-13T16:59", "2025-03-13T17:00"),
        (DAILY, "Asia/Kathmandu", 7, "2025-03-14T00:00", "2025-03-14T01:15"),
        # Clocks go forward: 02:00 does not exist and is the instant after the gap.
        (DAILY, "Europe/Berlin", 2, "2025-03-29T12:00", "2025-03-30T01:00"),
        (DAILY, "Europe/Berlin", 7, "2025-03-29T12:00", "2025-03-30T05:00"),
        (DAILY, "Australia/Lord_Howe", 2, "2025-10-04T00:00", "2025-10-04T15:30"),
        (DAILY, "Antarctica/Troll", 2, "2025-03-29T12:00", "2025-03-30T01:00"),
        # That gap ends at midnight, so the hour of Saturday is the first of Sunday.
        (DAILY, "America/Nuuk", 23, "2024-03-30T12:00", "2024-03-31T01:00"),
        # Clocks go back: of the two, the first.
        (DAILY, "Europe/Berlin", 2, "2025-10-25T12:00", "2025-10-26T00:00"),
        (DAILY, "Europe/Berlin", 2, "2025-10-26T00:00", "2025-10-27T01:00"),
        # Samoa had no 30 December 2011, which was a Friday.
        (DAILY, "Pacific/Apia", 7, "2011-12-29T17:00", "2011-12-30T17:00"),
        (Order("weekly", weekday=4), "Pacific/Apia", 7, "2011-12-29T00:00", "2012-01-05T17:00"),
    ],
)
def test_the_next_issue_is_due_at_the_readers_hour(
    order: Order, zone: str, hour: int, after: str, due: str
) -> None:
    assert schedule.next_due([order], hour, ZoneInfo(zone), utc(after)) == utc(due)


def test_of_several_orders_the_first_is_next() -> None:
    after = utc("2025-03-15T08:00")
    assert schedule.next_due([MONDAYS, SUNDAYS], 7, ZoneInfo("UTC"), after) == utc(
        "2025-03-16T07:00"
    )


def test_without_orders_nothing_is_due() -> None:
    assert schedule.next_due([], 7, ZoneInfo("UTC"), utc("2025-03-15T08:00")) is None


@pytest.mark.parametrize(
    ("frequency", "day", "name"),
    [
        ("daily", "2025-03-14", "2025-03-14"),
        ("weekdays", "2025-03-17", "2025-03-17"),
        ("weekly", "2025-03-17", "2025-W11"),  # Monday's: of the week that ended
        ("weekly", "2025-03-16", "2025-W11"),  # Sunday's
        ("weekly", "2025-03-18", "2025-W12"),
        ("weekly", "2021-01-04", "2020-W53"),
        ("weekly", "2024-12-31", "2025-W01"),
    ],
)
def test_an_issue_is_named_for_its_days(frequency: str, day: str, name: str) -> None:
    assert schedule.period_of(frequency, date.fromisoformat(day)).name == name


def due_between(orders: list[Order], since: str, until: str) -> dict[str, str]:
    found = schedule.issues_due(orders, 7, ZoneInfo("UTC"), utc(since), utc(until))
    return {it.frequency: it.period.name for it in found}


def test_daily_and_weekly_of_one_hour_are_two_issues() -> None:
    found = due_between([DAILY, MONDAYS], "2025-03-17T07:00", "2025-03-17T07:05")
    assert found == {"daily": "2025-03-17", "weekly": "2025-W11"}


def test_a_scheduler_that_was_down_catches_up_once() -> None:
    found = due_between([DAILY, MONDAYS], "2025-03-10T07:00", "2025-03-15T09:00")
    assert found == {"daily": "2025-03-15", "weekly": "2025-W10"}


def test_what_was_set_as_due_by_hand_counts_at_any_hour() -> None:
    found = due_between([DAILY, MONDAYS], "2025-03-14T15:21", "2025-03-14T15:22")
    assert found == {"daily": "2025-03-14"}


def test_nobody_is_due_before_their_time() -> None:
    assert due_between([DAILY], "2025-03-14T07:00", "2025-03-14T06:59") == {}


@pytest.mark.parametrize(("zone", "hour"), every_nth(4, product(ZONES, [0, 2, 23])))
def test_every_day_of_a_year_has_one_issue(zone: str, hour: int) -> None:
    after, names = utc("2025-01-01T12:00"), []
    while after < utc("2026-01-01T12:00"):
        due = schedule.next_due([DAILY], hour, ZoneInfo(zone), after)
        assert due is not None and due > after
        [issue] = schedule.issues_due([DAILY], hour, ZoneInfo(zone), due, due)
        names.append(issue.period.name)
        after = due
    days = [date.fromisoformat(name) for name in names]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) in {365, 366}
