"""Hotness, explained: the Python twin of the SQL function that ranks the papers.

The hotness of a paper is `log10(votes + expected votes + 1) + weekdays / 2`: votes on a logarithmic
scale, plus half a point for every weekday from EPOCH up to the day it is listed on. Counting
weekdays alone keeps Friday's best paper in front on Monday morning. Expected votes (at most 4, see
papers/vote_model.py) order papers that few have voted on; they are computed while a paper is new.
Otherwise hotness changes only with a vote or with the paper's day, never with time, so no job
ranks papers again. Lists with `fair=1` divide the votes, and those expected, by what the paper's
topics usually get.

The database computes it with the function `papers_hotness(votes, listed_on)`, made in
papers/migrations/0001_functions.py, and stores it in the generated column `Paper.hotness`. The
functions here serve /about/ranking and the explanation on every paper; tests/papers/test_ranking.py
holds that both agree.

To change the formula, write one migration with two `RunSQL` operations, and change this module to
match:

1. `CREATE OR REPLACE FUNCTION public.papers_hotness(votes double precision, listed_on date) …`,
   with the function before as the reverse;
2. `UPDATE papers_paper SET ranked_votes = ranked_votes;`, forwards and backwards, which computes
   the stored column again. It has to name a column that `hotness` is computed from: PostgreSQL
   skips a generated column when no column that it depends on is written.
"""

import math
from collections.abc import Mapping
from datetime import date

EPOCH = date(1970, 1, 5)  # a Monday
WEEKDAYS_PER_POINT = 2  # ten times the votes make up for two weekdays


def weekday_number(day: date) -> int:
    """Weekdays from EPOCH up to this day; Saturday and Sunday count as the Friday before."""
    weeks, weekday = divmod((day - EPOCH).days, 7)
    return 5 * weeks + min(weekday, 4)


def hotness(votes: float, day: date) -> float:
    """The hotness of a paper listed on this day; votes that count, and those expected."""
    return math.log10(votes + 1) + weekday_number(day) / WEEKDAYS_PER_POINT


def in_words(
    votes: int, expected: float = 0, parts: Mapping[str, float] | None = None, share: float = 1
) -> str:
    """The points for votes as a row says them, and what a day adds; `share` divides the votes.

    1.91 points for 78 upvotes and 1.8 expected (1 for any paper, authors +0.8); each newer …
    """
    points = f"{math.log10((votes + expected) / share + 1):.2f} points"
    upvotes = f"{votes:,} upvote{'' if votes == 1 else 's'}"
    if expected:
        upvotes += f" and {expected:.1f} expected ({_sum_in_words(parts or {})})"
    if round(share, 2) != 1:
        upvotes += f", divided by {share:.2f}, as its topics usually get that many times the mean"
    return f"{points} for {upvotes}; each newer weekday adds {1 / WEEKDAYS_PER_POINT}"


def _sum_in_words(parts: Mapping[str, float]) -> str:
    """1 for any paper, authors +0.6, content −0.2"""
    largest_first = sorted(parts.items(), key=lambda part: -abs(part[1]))
    words = ["1 for any paper", *(f"{name} {part:+.1f}" for name, part in largest_first)]
    return ", ".join(words).replace("-", "−")  # noqa: RUF001 a minus sign
