"""Embeds the papers that wait for a vector: run by a worker, batch by batch."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from papers.models import (
    EmbeddingJob,
    EmbeddingModel,
    PaperEmbedding,
    PaperSearch,
    TrainedVoteModel,
)
from papers.search import embeddings

BATCH_PAPERS = 500
MAX_RUN = timedelta(seconds=50)  # the next sweep continues


def has_work(now: datetime) -> bool:
    """Whether a paper waits, or the vectors in use are another model's."""
    version = embeddings.model_version(settings.EMBEDDING_MODEL)
    is_outdated = EmbeddingModel.objects.serving_version() != version
    return is_outdated or EmbeddingJob.objects.pending(now).exists()


def embed_waiting(max_run: timedelta = MAX_RUN) -> int:
    """Embed until no paper waits or the time is over. Returns how many were embedded.

    When the model has changed, every paper waits again; the old vectors serve until all are done.
    """
    model = EmbeddingModel.objects.prepare(embeddings.model_version(settings.EMBEDDING_MODEL))
    end, total = time.monotonic() + max_run.total_seconds(), 0
    while time.monotonic() < end and (count := embed_batch(model)):
        total += count
    if not EmbeddingJob.objects.unfinished().exists() and EmbeddingModel.objects.serve(model):
        TrainedVoteModel.objects.train_soon()  # it was trained on the vectors before
    return total


def embed_batch(model: EmbeddingModel) -> int:
    jobs = EmbeddingJob.objects.claim(timezone.now(), BATCH_PAPERS)
    entries = PaperSearch.objects.only("title", "abstract").in_bulk([job.pk for job in jobs])
    jobs = [job for job in jobs if job.pk in entries]  # those of papers not deleted since
    if jobs:
        vectors = embeddings.embed([entries[job.pk].text for job in jobs], settings.EMBEDDING_MODEL)
        PaperEmbedding.objects.store(jobs, vectors, model)
    return len(jobs)
