"""What papers mean: a vector for each that lacks one, made by a worker, some hundreds at a time."""

import time
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from papers.models import PaperEmbedding, PaperSearch
from papers.search import embeddings

AT_ONCE = 500
SECONDS = 50  # of one run: the next sweep goes on


def embed_waiting(seconds: float = SECONDS) -> int:
    """Batch by batch until none waits or the time is over; how many were done."""
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end and (some := embed_some(timezone.now())):
        done += some
    return done


def embed_some(now: datetime) -> int:
    claimed = PaperEmbedding.objects.claim(now, AT_ONCE)
    words = PaperSearch.objects.only("title", "abstract").in_bulk([row.pk for row in claimed])
    claimed = [row for row in claimed if row.pk in words]  # without those deleted since then
    if claimed:
        texts = [words[row.pk].text for row in claimed]
        PaperEmbedding.objects.save_vectors(
            claimed, embeddings.embed(texts, settings.EMBEDDING_MODEL)
        )
    return len(claimed)
