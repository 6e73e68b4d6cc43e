"""arXiv's calendar: on which days it announces papers, and when its feeds have them.

What was submitted is frozen at 14:00 US Eastern on working days and announced at 20:00: from
Monday to Thursday the same evening, Friday's on Sunday. The feed of the next Eastern day has it
from midnight on, so a day here is a feed's, Monday to Friday, as `announced_on` is. A holiday is
a day without a freeze: the announcement after it falls out. Thanksgiving's own feed is full
(announced on Wednesday evening), the one of the Friday after it is empty.

The rules are those of arXiv/arxiv-base, arxiv/schedule/calendar.py; the days are those of its
arXiv_holidays table as of May 2026, of which info.arxiv.org/help/availability.html shows the
current year.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
FREEZE_TIME = time(14)
FREEZE_TIME_UNTIL_2016 = time(16)
FEED_DELAY = timedelta(hours=1)  # arXiv says 5:00 GMT, in summer 1:00 Eastern
DAY = timedelta(days=1)
MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6

# Months and days without a freeze, strikes, retreats and outages included. Before the first
# year no holiday is known.
HOLIDAYS = {
    2003: "12-25 12-26",
    2004: "01-01 01-02 11-25 12-24 12-28 12-30",
    2005: "11-24 12-27 12-29",
    2006: "11-23 12-25 12-26",
    2007: "01-01 11-22 12-24 12-25 12-31",
    2008: "01-01 07-04 11-27 12-25 12-26 12-29 12-31",
    2009: "01-01 07-08 11-26 12-25 12-28 12-29 12-31",
    2010: "01-01 11-25 12-27 12-28 12-30 12-31",
    2011: "11-24 12-26 12-27 12-28 12-30",
    2012: "01-02 11-22 12-24 12-25 12-27 12-28",
    2013: "01-01 11-28 12-25 12-26 12-31",
    2014: "01-01 11-27 12-25 12-26 12-31",
    2015: "01-01 11-26 12-25 12-29",
    2016: "01-01 11-24 12-26 12-28",
    2017: "03-14 11-13 11-23 12-25 12-27",
    2018: "01-01 03-26 09-03 11-22 12-24 12-25 12-27",
    2019: "01-01 01-21 09-02 11-07 11-28 12-25 12-26 12-30",
    2020: "01-01 01-20 06-09 11-26 12-25 12-29 12-30",
    2021: "01-01 10-20 11-25 12-24 12-28 12-30",
    2022: "01-17 06-20 09-05 11-24 12-27 12-29",
    2023: "01-16 06-14 06-19 07-04 08-17 09-04 11-23 12-25 12-27",
    2024: "01-15 05-22 06-19 07-04 09-02 10-08 11-28 12-25 12-26 12-31",
    2025: "01-01 01-20 06-19 07-04 09-01 11-27 12-25 12-30",
    2026: "01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31",
}


def announces_on(day: date) -> bool:
    """Whether the feed of this Eastern day has an announcement in it."""
    if day.weekday() in (SATURDAY, SUNDAY):
        return False
    frozen_on = _freeze_day(day)
    return frozen_on not in holidays(frozen_on.year)


def is_certain(day: date) -> bool:
    """Whether `announces_on` is known; else it is a guess, around New Year of an unlisted year.

    arXiv takes two or three days off between Christmas and New Year, others each time.
    """
    frozen_on = _freeze_day(day)
    return frozen_on.year <= max(HOLIDAYS) or (1, 2) < (frozen_on.month, frozen_on.day) < (12, 24)


def expected_at(day: date) -> datetime:
    """When the feed of this day should be complete: MARGIN after its midnight."""
    return datetime.combine(day, time(), EASTERN) + FEED_DELAY


def last_expected_day(now: datetime) -> date:
    """The newest day whose feed should be complete by now."""
    day = announcement_day(now)
    while expected_at(day) > now or not announces_on(day):
        day -= DAY
    return day


def next_announcement_day(day: date) -> date:
    """The next day after this one with an announcement in its feed."""
    day += DAY
    while not announces_on(day):
        day += DAY
    return day


def previous_announcement_day(day: date) -> date:
    """The last day before this one with an announcement in its feed."""
    day -= DAY
    while not announces_on(day):
        day -= DAY
    return day


def announcement_day(published: datetime) -> date:
    """The Eastern day of a moment, such as the midnight that a feed gives as its time."""
    return _eastern(published).date()


def earliest_announcement_day(submitted_at: datetime) -> date:
    """The earliest day whose feed can have a paper submitted then; used where no feed says it.

    Moderators may hold a paper back for days; then this is too early, never too late.
    """
    submitted_at = _eastern(submitted_at)
    frozen_on = submitted_at.date()
    if submitted_at.time() >= (FREEZE_TIME if frozen_on.year > 2016 else FREEZE_TIME_UNTIL_2016):
        frozen_on += DAY
    while frozen_on.weekday() > FRIDAY or frozen_on in holidays(frozen_on.year):
        frozen_on += DAY
    return frozen_on + (3 if frozen_on.weekday() == FRIDAY else 1) * DAY


@cache
def holidays(year: int) -> frozenset[date]:
    """The working days of a year on which nothing is frozen."""
    if year in HOLIDAYS:
        return frozenset(date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split())
    return guessed_holidays(year) if year > max(HOLIDAYS) else frozenset()


def guessed_holidays(year: int) -> frozenset[date]:
    """A guess at a year that is not listed yet: what was kept in each year from 2023 to 2026.

    New Year's Day was kept in two of them. Presidents' Day, Memorial Day, Columbus Day, Veterans
    Day and the Friday after Thanksgiving never were.
    """
    return frozenset(
        {
            date(year, 1, 1),
            _nth(year, 1, MONDAY, 3),  # Martin Luther King Jr. Day
            _observed(date(year, 6, 19)),  # Juneteenth
            _observed(date(year, 7, 4)),
            _nth(year, 9, MONDAY, 1),  # Labor Day
            _nth(year, 11, THURSDAY, 4),  # Thanksgiving
            _observed(date(year, 12, 25)),
        }
    )


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (number - 1)) * DAY


def _observed(day: date) -> date:
    """A Saturday's holiday is kept on Friday, a Sunday's on Monday."""
    return day + {SATURDAY: -DAY, SUNDAY: DAY}.get(day.weekday(), timedelta())


def _freeze_day(day: date) -> date:
    """The day of the freeze that the feed of this day comes from: Friday for a Monday."""
    return day - (3 if day.weekday() == MONDAY else 1) * DAY


def _eastern(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment}")
    return moment.astimezone(EASTERN)
