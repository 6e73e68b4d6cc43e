"""Hotness: votes on a logarithmic scale, plus half a point for every weekday that passed.

It moves only when a vote does, never with time, so nothing is ever ranked again. Counting
weekdays alone keeps Friday's best paper in front on Monday morning.
"""

import math
from datetime import date
from functools import lru_cache

from django.db.models import F, FloatField, Func, IntegerField, Value
from django.db.models.functions import Cast

EPOCH = date(1970, 1, 5)  # a Monday
WEEKDAYS_PER_POINT = 2  # ten times the votes make up for two weekdays


def weekday_number(day: date) -> int:
    """Weekdays between EPOCH and this day; Saturday and Sunday count as their Friday."""
    weeks, weekday = divmod((day - EPOCH).days, 7)
    return 5 * weeks + min(weekday, 4)


def hotness(votes: int, day: date) -> float:
    """What the database keeps, for those who explain it: log10(votes + 1) + d / 2."""
    return math.log10(votes + 1) + weekday_number(day) / WEEKDAYS_PER_POINT


def in_words(votes: int, day: date) -> str:
    """The sum as a row of a list says it: 1.11 for 12 votes and 7,200.0 for Friday, 14 March."""
    plural = "" if votes == 1 else "s"
    return f"{math.log10(votes + 1):.2f} for {votes:,} vote{plural} and {_day_in_words(day)}"


@lru_cache(maxsize=100)
def _day_in_words(day: date) -> str:
    return f"{weekday_number(day) / WEEKDAYS_PER_POINT:,.1f} for {day:%A}, {day.day} {day:%B}"


class Log10(Func):
    function = "log"
    output_field = FloatField()


class WeekdayNumber(Func):
    _days = f"(%(expressions)s - DATE '{EPOCH}')"
    template = f"(5 * floor({_days} / 7.0) + least({_days} - 7 * floor({_days} / 7.0), 4))"
    output_field = IntegerField()


KEPT_HOTNESS = Log10(Cast(F("ranked_votes") + F("votes_brought") + Value(1), FloatField())) + Cast(
    WeekdayNumber("listed_on"), FloatField()
) / Value(float(WEEKDAYS_PER_POINT), output_field=FloatField())
