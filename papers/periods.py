"""A period of papers: a day, an ISO week or a month, with its name in addresses and its heading.

Also the only place that reads a date which a reader or a program typed: every date that comes out
lies in FIRST_YEAR to LAST_YEAR, so that whoever adds a day, a month or a time zone cannot leave
the calendar of Python or PostgreSQL.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Kind = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Period:
    kind: Kind
    first: date
    last: date

    @property
    def name(self) -> str:
        """As in an address: 2025-03-14, 2025-W11, 2025-03."""
        if self.kind == "day":
            return self.first.isoformat()
        if self.kind == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first:%Y-%m}"

    @property
    def heading(self) -> str:
        if self.kind == "day":
            return f"{self.first:%A}, {self.first.day} {self.first:%B %Y}"
        if self.kind == "week":
            year, week, _ = self.first.isocalendar()
            return f"Week {week}, {year}"
        return f"{self.first:%B %Y}"

    @property
    def short(self) -> str:
        """As on a link to it from a neighbour: Fri 14 Mar, Week 11, March."""
        if self.kind == "day":
            return f"{self.first:%a} {self.first.day} {self.first:%b}"
        return (
            f"Week {self.first.isocalendar().week}" if self.kind == "week" else f"{self.first:%B}"
        )


def around(kind: Kind, day: date) -> Period:
    """The day, ISO week or month that holds this day."""
    if kind == "day":
        return Period(kind, day, day)
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(kind, first, following - timedelta(days=1))


def parse(kind: Kind, name: str) -> Period:
    """The period of this name; raises ValueError with a sentence for readers."""
    if not re.fullmatch(NAME_PATTERNS[kind], name, re.ASCII):
        raise ValueError(f"“{name[:40]}” is no {kind}: write it as {EXAMPLES[kind]}.")
    _check_year(name[:4])
    try:
        if kind == "week":
            return around(kind, date.fromisocalendar(int(name[:4]), int(name[6:]), 1))
        return around(kind, date.fromisoformat(name if kind == "day" else f"{name}-01"))
    except ValueError:
        raise ValueError(f"There is no {kind} {name} in the calendar.") from None


def read(text: str) -> Period | None:
    """The period that a text names and nothing else: as in an address, or a day in English."""
    for kind in NAME_PATTERNS:
        try:
            return parse(kind, text.upper())
        except ValueError:
            continue
    for form in ENGLISH_DAYS:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return around("day", day) if FIRST_YEAR <= day.year <= LAST_YEAR else None
    return None


def parse_year(name: str) -> tuple[date, date]:
    """The first and the last day of a year; raises ValueError with a sentence for readers."""
    if not re.fullmatch("[0-9]{4}", name, re.ASCII):
        raise ValueError(f"“{name[:40]}” is no year: write it as 2025.")
    _check_year(name)
    return date(int(name), 1, 1), date(int(name), 12, 31)


def _check_year(digits: str) -> None:
    if not FIRST_YEAR <= int(digits) <= LAST_YEAR:
        raise ValueError(f"The calendar here goes from {FIRST_YEAR} to {LAST_YEAR}.")


FIRST_YEAR, LAST_YEAR = 1900, 2199
NAME_PATTERNS: dict[Kind, str] = {
    "day": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "week": r"[0-9]{4}-W[0-9]{2}",
    "month": r"[0-9]{4}-[0-9]{2}",
}
ENGLISH_DAYS = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y")
EXAMPLES = {"day": "2025-03-14", "week": "2025-W11", "month": "2025-03"}
