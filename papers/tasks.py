"""When: polls that are due, votes that come of age, texts whose meaning is not known yet."""

from celery import shared_task
from django.utils import timezone

from papers.ingest import arxiv_limiter, backfill, upsert
from papers.models import Backfill, PaperEmbedding, Poll, Source, Upvote
from papers.search import embed_queue


@shared_task
def sweep() -> None:
    """Ring for every row that is due; what a lost broker forgot comes back here."""
    for source in Source.objects.due(timezone.now()):
        poll_source.delay(source.pk)
    for hole in Backfill.objects.due(timezone.now()):
        fill.delay(hole.pk)
    Upvote.objects.come_of_age(timezone.now())
    if PaperEmbedding.objects.pending(timezone.now()).exists():
        embed.delay()


@shared_task
def look_for_holes() -> None:
    """An announcement that a feed missed is asked for in another way."""
    for hole in backfill.find_holes(timezone.now()):
        fill.delay(hole.pk)
    Poll.objects.forget_old(timezone.now())


@shared_task
def fill(backfill_id: int) -> None:
    backfill.run(Backfill.objects.get(pk=backfill_id), days=1)


@shared_task(soft_time_limit=120, time_limit=150)
def poll_source(source_id: int) -> None:
    source = Source.objects.get(pk=source_id)
    attempt = upsert.poll(source, timezone.now())
    if attempt and (attempt.new or attempt.updated):
        embed.delay()
    if attempt and arxiv_limiter.counts(source.address):
        ring_the_next_at_arxiv()


def ring_the_next_at_arxiv() -> None:
    """Those that found arXiv's hosts taken stayed due: one after the other, without a queue."""
    for source in Source.objects.due(timezone.now()).order_by("next_poll_at"):
        if arxiv_limiter.counts(source.address):
            poll_source.delay(source.pk)
            return


@shared_task
def embed() -> None:
    embed_queue.embed_waiting()
