"""What this site is, and how it ranks; the example is computed by the ranking's own functions."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import NETWORK_KEPT_FOR
from papers.models import TrainedVoteModel
from papers.models.upvote import NEW_ACCOUNT_PERIOD
from papers.ranking import WEEKDAYS_PER_POINT, hotness, weekday_number
from papers.vote_model import MAX_EXPECTED_VOTES, MIN_PAPERS, SETTLING_DAYS
from papers.web.caching import public

FRIDAY = date(2025, 3, 14)
# Day listed and votes of the papers in the example.
EXAMPLES = [(FRIDAY, 99), (FRIDAY, 9), (FRIDAY - timedelta(days=1), 99)]
EXAMPLES += [(FRIDAY + timedelta(days=3), votes) for votes in (0, 9, 49)]


@require_safe
@public
def about(request: HttpRequest) -> HttpResponse:
    context = {"network_kept_days": NETWORK_KEPT_FOR.days}
    return render(request, "papers/about.html", context)


@require_safe
@public
def ranking(request: HttpRequest) -> HttpResponse:
    examples = [Example(day, votes) for day, votes in EXAMPLES]
    model = TrainedVoteModel.objects.first() or TrainedVoteModel()
    context = {
        "weekdays_per_point": WEEKDAYS_PER_POINT,
        "expected_on": settings.EXPECTED_SCORE,
        "vote_model": model,
        "trained_on": f"{model.papers:,}",
        "min_papers": MIN_PAPERS,
        "max_expected": f"{MAX_EXPECTED_VOTES:.0f}",
        "settling_days": SETTLING_DAYS.days,
        "newcomer_hours": int(NEW_ACCOUNT_PERIOD.total_seconds() // 3_600),
        "first": examples[0],
        "second": examples[-2],
        "examples": sorted(examples, key=lambda example: -example.points),
    }
    return render(request, "papers/ranking.html", context)


@dataclass(frozen=True)
class Example:
    """A paper of the example, and how its hotness adds up."""

    day: date
    votes: int

    @property
    def for_votes(self) -> float:
        return hotness(self.votes, self.day) - hotness(0, self.day)

    @property
    def weekdays(self) -> int:
        """Counted from the Friday of the example: only differences matter."""
        return weekday_number(self.day) - weekday_number(FRIDAY)

    @property
    def for_day(self) -> float:
        return hotness(0, self.day) - hotness(0, FRIDAY)

    @property
    def points(self) -> float:
        return self.for_votes + self.for_day
