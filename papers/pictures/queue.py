"""Looks for the pictures of papers on pages, one after the other: run by a worker.

Polls go first: what arXiv may be asked is little, and papers matter more than their pictures.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from papers.ingest import arxiv_limiter
from papers.models import Backfill, Paper, Picture, Source
from papers.pictures import storage
from papers.pictures.find import NotFound, find

MAX_PAPERS = 20_000  # the newest on pages; two requests each, 3 s apart, take 33 hours
MAX_RUN = timedelta(seconds=50)  # the next sweep continues
BATCH = 20


def has_work(now: datetime) -> bool:
    """Whether a worker should look for pictures now: some wait, and none does so yet."""
    if not settings.PICTURES or Picture.objects.claimed(now).exists():
        return False
    queue_papers_on_pages(now)
    return Picture.objects.due(now).exists()


def queue_papers_on_pages(now: datetime) -> None:
    """A row for each of the newest papers on pages that has none yet; samples get none."""
    real = Paper.objects.listed().filter(is_sample=False)
    newest = real.order_by(F("listed_on").desc(nulls_last=True))[:MAX_PAPERS]
    without = Paper.objects.filter(pk__in=newest.values("pk"), picture=None)
    rows = [Picture(paper_id=pk, next_try_at=now) for pk in without.values_list("pk", flat=True)]
    Picture.objects.bulk_create(rows, ignore_conflicts=True)


def fetch_waiting(max_run: timedelta = MAX_RUN) -> int:
    """Look for pictures until none waits, the time is over, or a poll is due.

    A server in trouble ends the run, too, and so gets one request a minute.
    Returns how many were stored.
    """
    if Picture.objects.claimed(timezone.now()).exists():  # by another worker
        return 0
    end, stored = time.monotonic() + max_run.total_seconds(), 0
    while batch := list(Picture.objects.due(timezone.now()).select_related("paper")[:BATCH]):
        for picture in batch:
            now = timezone.now()
            if time.monotonic() > end or _polls_wait(now):
                return stored
            try:
                stored += fetch_one(picture, now)
            except (arxiv_limiter.NotNow, NotFound):
                return stored
    return stored


def fetch_one(picture: Picture, now: datetime) -> bool:
    """Whether a picture was stored.

    Raises `arxiv_limiter.NotNow` if arXiv is busy, NotFound if a server is in trouble.
    """
    if not picture.claim(now):
        return False
    try:
        return storage.store(picture, find(picture.paper))
    except arxiv_limiter.NotNow as busy:
        picture.release(now + busy.wait)
        raise
    except NotFound as error:
        picture.mark_failed(now, str(error), final=error.is_final)
        if error.is_in_trouble:
            raise
        return False


def _polls_wait(now: datetime) -> bool:
    """Whether a poll or a backfill is due, or a backfill is making its many requests."""
    running = Backfill.objects.filter(lease_until__gt=now)
    return any(
        work.exists() for work in (Source.objects.due(now), Backfill.objects.due(now), running)
    )
