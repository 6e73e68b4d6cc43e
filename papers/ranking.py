"""Hotness, explained: the Python twin of the SQL function that ranks the papers.

The hotness of a paper is `log10(votes + 1) + weekdays / 2`: votes on a logarithmic scale, plus
half a point for every weekday from EPOCH up to the day it is listed on. Counting weekdays alone
keeps Friday's best paper in front on Monday morning. Hotness changes only with a vote or with the
paper's day, never with time, so no job ranks papers again.

The database computes it with the function `papers_hotness(votes, listed_on)`, made in
papers/migrations/0001_extensions_and_functions.py, and stores it in the generated column
`Paper.hotness`. The functions here serve /about/ranking and the explanation on every paper;
tests/papers/test_ranking.py holds that both agree.

To change the formula, write one migration with two `RunSQL` operations, and change this module to
match:

1. `CREATE OR REPLACE FUNCTION public.papers_hotness(votes integer, listed_on date) …`, with the
   function before as the reverse;
2. `UPDATE papers_paper SET ranked_votes = ranked_votes;`, forwards and backwards, which computes
   the stored column again. It has to name a column that `hotness` is computed from: PostgreSQL
   skips a generated column when no column that it depends on is written.
"""

import math
from datetime import date
from functools import lru_cache

EPOCH = date(1970, 1, 5)  # a Monday
WEEKDAYS_PER_POINT = 2  # ten times the votes make up for two weekdays


def weekday_number(day: date) -> int:
    """Weekdays from EPOCH up to this day; Saturday and Sunday count as the Friday before."""
    weeks, weekday = divmod((day - EPOCH).days, 7)
    return 5 * weeks + min(weekday, 4)


def hotness(votes: int, day: date) -> float:
    """The hotness of a paper listed on this day with this many counting votes."""
    return math.log10(votes + 1) + weekday_number(day) / WEEKDAYS_PER_POINT


def in_words(votes: int, day: date) -> str:
    """The sum as a row of a list says it: 1.11 for 12 votes and 7,200.0 for Friday, 14 March."""
    plural = "" if votes == 1 else "s"
    return f"{math.log10(votes + 1):.2f} for {votes:,} vote{plural} and {_day_in_words(day)}"


@lru_cache(maxsize=100)
def _day_in_words(day: date) -> str:
    return f"{weekday_number(day) / WEEKDAYS_PER_POINT:,.1f} for {day:%A}, {day.day} {day:%B}"
