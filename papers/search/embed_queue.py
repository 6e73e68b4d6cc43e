"""Embeds the papers that wait for a vector: run by a worker, batch by batch."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from papers.models import (
    EmbeddingJob,
    EmbeddingModel,
    PaperEmbedding,
    PaperSearch,
    TrainedTopicModel,
    TrainedVoteModel,
)
from papers.search import embeddings, vector_models

BATCH_PAPERS = 500
MAX_RUN = timedelta(seconds=50)  # the next sweep continues


def has_work(now: datetime) -> bool:
    """Whether a paper waits, or the vectors in use are another model's."""
    version = vector_models.for_papers().version
    is_outdated = EmbeddingModel.objects.serving_version() != version
    return is_outdated or EmbeddingJob.objects.pending(now).exists()


def embed_waiting(max_run: timedelta = MAX_RUN) -> int:
    """Embed until no paper waits or the time is over. Returns how many were embedded.

    When the model has changed, every paper waits again; the old vectors serve until all are done.
    """
    end, total = time.monotonic() + max_run.total_seconds(), 0
    while time.monotonic() < end and (count := embed_batch()):
        total += count
    if is_new := EmbeddingModel.objects.serve_newest():
        TrainedVoteModel.objects.train_soon()  # it was trained on the vectors before
    if is_new or (total and not EmbeddingJob.objects.unfinished().exists()):
        TrainedTopicModel.objects.train_soon()  # which looks whether there are many more papers
    return total


def embed_batch() -> int:
    """Embed some of the waiting papers; 0 if none waits. The model may change between two."""
    model = vector_models.for_papers()
    row = EmbeddingModel.objects.prepare(model.version)
    jobs = EmbeddingJob.objects.claim(timezone.now(), BATCH_PAPERS)
    entries = PaperSearch.objects.only("title", "abstract").in_bulk([job.pk for job in jobs])
    jobs = [job for job in jobs if job.pk in entries]  # those of papers not deleted since
    if jobs:
        vectors = embeddings.unit_vectors(model, [entries[job.pk].text for job in jobs])
        PaperEmbedding.objects.store(jobs, vectors, row)
    return len(jobs)
