"""What papers mean: a vector for each that lacks one, made by a worker, some hundreds at a time."""

import time
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from papers import embeddings
from papers.models import PaperSearch

AT_ONCE = 500
SECONDS = 50  # of one run: the next sweep goes on


def embed_waiting(seconds: float = SECONDS) -> int:
    """Batch by batch until none waits or the time is over; how many were done."""
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end and (some := embed_some(timezone.now())):
        done += some
    return done


def embed_some(now: datetime) -> int:
    claimed = PaperSearch.objects.claim(now, AT_ONCE)
    if claimed:
        texts = [row.meaning for row in claimed]
        PaperSearch.objects.keep_meaning(claimed, embeddings.embed(texts, settings.EMBEDDING_MODEL))
    return len(claimed)
