"""Counts the words of titles and abstracts every night, for suggestions; run by a worker."""

from datetime import datetime, timedelta

from papers.models import ScheduledRun, SearchWord
from papers.models.site_day import next_midnight

NAME = "count search words"
MAX_PAPERS = 20_000  # the newest: a third of a millisecond each
RETRY_WITHOUT_WORDS = timedelta(minutes=10)


def has_work(now: datetime) -> bool:
    return ScheduledRun.objects.is_due(NAME, now)


def run(now: datetime) -> None:
    """Count them if that is due; again after midnight, on a site without papers soon."""
    if ScheduledRun.objects.claim(NAME, now):
        words = SearchWord.objects.count_again(MAX_PAPERS)
        ScheduledRun.objects.plan(NAME, next_midnight(now) if words else now + RETRY_WITHOUT_WORDS)


def run_soon(now: datetime) -> None:
    """At the next sweep, as many papers have come."""
    ScheduledRun.objects.plan(NAME, now)
