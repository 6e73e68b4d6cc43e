"""Looks every night for accounts that vote together, and checks the vote counters; by a worker.

papers/vote_rings.py has the statistics. What it finds is proposed to curators: no vote changes
before one of them has decided.
"""

import logging
from datetime import date, datetime, timedelta

from accounts.models import User
from papers.models import Paper, ScheduledRun, Upvote, VoteRing
from papers.models.site_day import next_midnight
from papers.vote_rings import Vote, find_rings

logger = logging.getLogger(__name__)

NAME = "look for vote rings"
SPAN = timedelta(days=90)
MAX_VOTES = 200_000  # the newest: a few seconds, and some hundred megabytes


def has_work(now: datetime) -> bool:
    return ScheduledRun.objects.is_due(NAME, now)


def run(now: datetime) -> None:
    """Look if that is due; again after midnight."""
    if ScheduledRun.objects.claim(NAME, now):
        User.objects.forget_networks(now)
        propose(now)
        report_wrong_counters()
        ScheduledRun.objects.plan(NAME, next_midnight(now))


def propose(now: datetime) -> None:
    """Propose the rings among the votes of the last SPAN."""
    for ring in find_rings(_votes(now), User.objects.networks()):
        keys = Paper.objects.filter(pk__in=ring.papers).values_list("key", flat=True)
        VoteRing.objects.propose(
            ring.accounts,
            papers=sorted(keys),
            common=ring.common,
            expected=ring.expected,
            in_network=ring.in_network,
        )


def report_wrong_counters() -> None:
    """Log papers whose counters are not what their votes say, which is a fault of the software."""
    if keys := list(Paper.objects.all().with_wrong_counters().values_list("key", flat=True)[:20]):
        logger.error("Vote counters differ from the votes of papers: %s", ", ".join(keys))


def _votes(now: datetime) -> list[Vote]:
    newest = Upvote.objects.active().filter(created_at__gte=now - SPAN).order_by("-created_at")
    rows = newest.values_list("user", "paper", "paper__listed_on", "created_at")[:MAX_VOTES]
    return [
        Vote(account, paper, _week(listed_on or voted_at.date()))
        for account, paper, listed_on, voted_at in rows
    ]


def _week(day: date) -> int:
    return day.toordinal() // 7
