"""Which issue is out for whom, and when, in their time zone.

The day of an issue is the reader's own: the daily one of 14 March is due at their hour of their
14 March, wherever they are. A weekly issue is named for the week of the day before it is due, so
that Monday's is the week that just ended. An order never gets two issues of one name, even when
its reader moves to another zone; a day that a zone skips has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from papers.periods import Period, around

DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=8)  # what was missed longer ago is not even recorded
FURTHEST = 16  # days until the next weekly issue, with a day that the zone skips and one to spare


class Order(Protocol):
    @property
    def frequency(self) -> str: ...
    @property
    def weekday(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Due:
    frequency: str
    period: Period
    at: datetime


def next_due(
    orders: Sequence[Order], hour: int, zone: ZoneInfo, after: datetime
) -> datetime | None:
    """The first moment after this one at which any of the orders has an issue; None without any."""
    for day, at in _moments(hour, zone, after):
        if at > after and any(_falls_on(order, day) for order in orders):
            return at
    return None


def issues_due(
    orders: Sequence[Order], hour: int, zone: ZoneInfo, since: datetime, until: datetime
) -> list[Due]:
    """Of each frequency the latest issue within these moments, both included: a late scheduler
    catches up once. `since` was set as due, and counts even where it is not at the hour."""
    start = max(since, until - LOOK_BACK)
    days = {at: day for day, at in _moments(hour, zone, start) if start <= at <= until}
    if start == since <= until:
        days.setdefault(since, since.astimezone(zone).date())
    latest: dict[str, Due] = {}
    for at, day in sorted(days.items()):
        for order in orders:
            if _falls_on(order, day):
                due = Due(order.frequency, period_of(order.frequency, day), at)
                latest[order.frequency] = due
    # The shorter first, so that of a common hour the daily mail has the first choice of papers.
    return sorted(latest.values(), key=lambda due: due.period.last - due.period.first)


def period_of(frequency: str, day: date) -> Period:
    """The days that an issue is named for, when it is due on this day."""
    return around("week", day - DAY) if frequency == "weekly" else around("day", day)


def _falls_on(order: Order, day: date) -> bool:
    if order.frequency == "weekly":
        return day.weekday() == order.weekday
    return order.frequency == "daily" or day.weekday() < 5


def _moments(hour: int, zone: ZoneInfo, around_: datetime) -> Sequence[tuple[date, datetime]]:
    """Every day near and after a moment, with the instant of this hour on it."""
    return _moments_from(around_.astimezone(zone).date() - DAY, hour, zone)


@lru_cache(maxsize=1_000)  # as all of a zone ask for the same
def _moments_from(first: date, hour: int, zone: ZoneInfo) -> Sequence[tuple[date, datetime]]:
    days = (first + number * DAY for number in range(FURTHEST))
    return [(day, _instant(day, hour, zone)) for day in days if _exists(day, zone)]


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Samoa went without 30 December 2011, to be on the other side of the date line."""
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """In UTC: of an hour that comes twice the first; for one that the clocks leave out, the first
    instant after the gap."""
    wanted = datetime.combine(day, time(hour))
    at = wanted.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wanted:
        return at
    at = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)  # in a gap, this is before it
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += timedelta(minutes=1)
    return at
