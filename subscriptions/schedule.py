"""Computes which issues are due for a subscriber, and when, in the subscriber's time zone.

The daily issue of 14 March is due at the subscriber's hour of 14 March in their own zone. A weekly
issue is named for the week of the day before it is due, so that Monday's is the week that just
ended. A subscriber never gets two issues of one name, even after moving to another zone; a day
that a zone skips has no issue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from papers.periods import Period, around

DAY = timedelta(days=1)
CATCH_UP_WINDOW = timedelta(days=8)  # issues missed longer ago are not even recorded
# The next weekly issue is at most 7 days away, or 14 where the zone skips the day that it falls on.
# One more as the list begins a day earlier, and one to spare.
MAX_DAYS_AHEAD = 16
# The next issue of each frequency is never further away: from Friday to Monday, or a week, with a
# day that a zone skips and an hour that a clock is turned back.
MAX_WAIT_BY_FREQUENCY = {"daily": 3 * DAY, "weekdays": 5 * DAY, "weekly": 15 * DAY}


class Recurring(Protocol):
    """A Subscription, as far as its schedule goes."""

    @property
    def frequency(self) -> str: ...
    @property
    def weekday(self) -> int: ...


@dataclass(frozen=True, slots=True)
class DueIssue:
    """An issue for one subscriber: the days it is named for, and when it is due."""

    frequency: str
    period: Period
    at: datetime


def next_due(
    subscriptions: Sequence[Recurring], hour: int, zone: ZoneInfo, after: datetime
) -> datetime | None:
    """When the first issue after this moment is due; None without subscriptions."""
    for day, at in _due_times(hour, zone, after):
        if at > after and any(_has_issue_on(each, day) for each in subscriptions):
            return at
    return None


def issues_due(
    subscriptions: Sequence[Recurring], hour: int, zone: ZoneInfo, since: datetime, until: datetime
) -> list[DueIssue]:
    """Of each frequency the latest issue from `since` to `until`, both included.

    Only the latest, so that a scheduler that was down catches up with one mail. `since` is a stored
    `next_due_at`: an issue is due then even where it is not at `hour`.
    """
    start = max(since, until - CATCH_UP_WINDOW)
    days = {at: day for day, at in _due_times(hour, zone, start) if start <= at <= until}
    if start == since <= until:
        days.setdefault(since, since.astimezone(zone).date())
    latest: dict[str, DueIssue] = {}
    for at, day in sorted(days.items()):
        for subscription in subscriptions:
            if _has_issue_on(subscription, day):
                frequency = subscription.frequency
                latest[frequency] = DueIssue(frequency, period_of(frequency, day), at)
    # The shorter period first: of two mails at one hour the daily one chooses its papers first.
    return sorted(latest.values(), key=lambda due: due.period.last - due.period.first)


def period_of(frequency: str, day: date) -> Period:
    """The day or week for which an issue is named that is due on this day."""
    return around("week", day - DAY) if frequency == "weekly" else around("day", day)


def _has_issue_on(subscription: Recurring, day: date) -> bool:
    if subscription.frequency == "weekly":
        return day.weekday() == subscription.weekday
    return subscription.frequency == "daily" or day.weekday() < 5


def _due_times(hour: int, zone: ZoneInfo, start: datetime) -> Sequence[tuple[date, datetime]]:
    """Each day from the one before `start` on, with the moment of this hour on it."""
    return _due_times_from(start.astimezone(zone).date() - DAY, hour, zone)


@lru_cache(maxsize=1_000)  # subscribers of one zone share an entry
def _due_times_from(first: date, hour: int, zone: ZoneInfo) -> Sequence[tuple[date, datetime]]:
    days = (first + number * DAY for number in range(MAX_DAYS_AHEAD))
    return [(day, _to_utc(day, hour, zone)) for day in days if _zone_has_day(day, zone)]


def _zone_has_day(day: date, zone: ZoneInfo) -> bool:
    """Samoa skipped 30 December 2011 when it moved across the date line."""
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def _to_utc(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """This hour of this day in UTC.

    An hour that comes twice (clocks go back) means the first of the two; one that is left out
    (clocks go forward) the first moment after the gap.
    """
    wanted = datetime.combine(day, time(hour))
    at = wanted.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wanted:
        return at
    at = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)  # in a gap, this is before it
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += timedelta(minutes=1)
    return at
