"""What this site is, and how it ranks: explained with the very functions that do it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from papers import ranking as formula
from papers.models.upvote import NEWCOMER
from papers.web.caching import public

FRIDAY = date(2025, 3, 14)
EXAMPLES = [(FRIDAY, 99), (FRIDAY, 9), (FRIDAY - timedelta(days=1), 99)]
EXAMPLES += [(FRIDAY + timedelta(days=3), votes) for votes in (0, 9, 49)]


@require_safe
@public
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/about.html")


@require_safe
@public
def ranking(request: HttpRequest) -> HttpResponse:
    examples = [Example(day, votes) for day, votes in EXAMPLES]
    context = {
        "weekdays_per_point": formula.WEEKDAYS_PER_POINT,
        "newcomer_hours": int(NEWCOMER.total_seconds() // 3_600),
        "first": examples[0],
        "second": examples[-2],
        "examples": sorted(examples, key=lambda example: -example.points),
    }
    return render(request, "papers/ranking.html", context)


@dataclass(frozen=True)
class Example:
    day: date
    votes: int

    @property
    def for_votes(self) -> float:
        return formula.hotness(self.votes, self.day) - formula.hotness(0, self.day)

    @property
    def weekdays(self) -> int:
        """From the Friday of the example on; only differences matter."""
        return formula.weekday_number(self.day) - formula.weekday_number(FRIDAY)

    @property
    def for_day(self) -> float:
        return formula.hotness(0, self.day) - formula.hotness(0, FRIDAY)

    @property
    def points(self) -> float:
        return self.for_votes + self.for_day
