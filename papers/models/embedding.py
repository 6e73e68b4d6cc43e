"""Vectors for semantic search, the models that made them, and the queue of papers without one.

Vectors of two models mean nothing to each other, so each names its model. After a change of model
every paper is embedded again; the old vectors serve until the last new one is there.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
from django.db import connection, models, transaction
from django.db.models import F, Func, Q
from django.utils import timezone
from pgvector import HalfVector
from pgvector.django import BitField, HalfVectorField
from pgvector.psycopg.halfvec import register_halfvec_info
from psycopg.types import TypeInfo

from papers.models.claim_lease import lease, unclaimed

MAX_ATTEMPTS = 5


class EmbeddingModelManager(models.Manager["EmbeddingModel"]):
    def serving_version(self) -> str:
        """The version of the vectors that searches compare; empty before the first one."""
        return self.filter(serving=True).values_list("version", flat=True).first() or ""

    @transaction.atomic
    def prepare(self, version: str) -> "EmbeddingModel":
        """The model of this version, as the newest; every paper that it has not embedded waits.

        Going back to the model in use drops the unfinished one.
        """
        if (newest := self.newest()) and newest.version == version:
            return newest
        self._lock()
        if (newest := self.newest()) and newest.version == version:  # another worker made it
            return newest
        self.filter(serving=False).exclude(version=version).delete()
        is_first = not self.exists()
        model, _ = self.get_or_create(version=version, defaults={"serving": is_first})
        EmbeddingJob.objects.queue_missing(model)
        return model

    @transaction.atomic
    def serve_newest(self) -> bool:
        """Let searches compare the newest vectors, and drop the others, if no paper waits for one.

        False if nothing changed.
        """
        if (newest := self.newest()) is None or newest.serving:
            return False
        self._lock()
        if self.newest() != newest or EmbeddingJob.objects.unfinished().exists():
            return False
        self.exclude(pk=newest.pk).delete()
        self.filter(pk=newest.pk).update(serving=True)
        return True

    def newest(self) -> "EmbeddingModel | None":
        return self.order_by("pk").last()

    def _lock(self) -> None:
        """Until the end of the transaction no other process changes the models; all may read."""
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE papers_embeddingmodel IN SHARE ROW EXCLUSIVE MODE")


class EmbeddingModel(models.Model):
    version = models.CharField(max_length=100, unique=True)
    serving = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EmbeddingModelManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["serving"], condition=Q(serving=True), name="one_serving_embedding_model"
            )
        ]

    def __str__(self) -> str:
        return self.version


class PaperEmbeddingQuerySet(models.QuerySet["PaperEmbedding"]):
    def serving(self) -> "PaperEmbeddingQuerySet":
        """The vectors that searches compare."""
        serving = EmbeddingModel.objects.filter(serving=True)
        return self.filter(model=serving.values("pk")[:1])

    def store(
        self, jobs: "list[EmbeddingJob]", vectors: "np.ndarray", model: EmbeddingModel
    ) -> None:
        """Store one vector for each job and end the job; `vectors` is (jobs, dimensions).

        A paper without categories then waits for topics by meaning. Compare and set: a paper whose
        text has changed since the claim, or which another worker has claimed, keeps its job. So do
        all if a newer model is there: it made these jobs.
        """
        with vector_cursor() as cursor:
            cursor.execute(
                """
                WITH made AS (
                  SELECT * FROM unnest(%s::bigint[], %b::halfvec[], %s::timestamptz[])
                             AS made (paper_id, vector, lease_until)
                ), done AS (
                  DELETE FROM papers_embeddingjob AS job USING made
                   WHERE job.paper_id = made.paper_id AND job.lease_until = made.lease_until
                     AND NOT EXISTS (SELECT 1 FROM papers_embeddingmodel WHERE id > %s)
                  RETURNING made.paper_id, made.vector
                ), stored AS (
                  INSERT INTO papers_paperembedding (paper_id, model_id, vector)
                  SELECT paper_id, %s, vector FROM done
                  ON CONFLICT (paper_id, model_id) DO UPDATE SET vector = excluded.vector
                  RETURNING paper_id
                )
                INSERT INTO papers_topicjob (paper_id)
                SELECT id FROM papers_paper
                 WHERE id IN (SELECT paper_id FROM stored) AND categories = '{}' ORDER BY id
                -- Waits for a worker that is about to end a job for the vector before.
                ON CONFLICT (paper_id) DO UPDATE SET paper_id = excluded.paper_id
                """,
                [
                    [job.pk for job in jobs],
                    [HalfVector(vector) for vector in vectors],
                    [job.lease_until for job in jobs],
                    model.pk,
                    model.pk,
                ],
            )


@contextmanager
def vector_cursor() -> "Iterator[psycopg.Cursor]":
    """A cursor that sends vectors as bytes, where SQL has `%b`.

    Django's sends all values as text, which takes longer for a vector than making it.
    """
    connection.ensure_connection()
    server: Any = connection.connection
    register_halfvec_info(server, TypeInfo.fetch(server, "halfvec"))
    with connection.wrap_database_errors, psycopg.Cursor(server) as cursor:
        yield cursor


class PaperEmbedding(models.Model):
    """The vector of a paper's title and abstract.

    Apart from Paper and PaperSearch, so that a row holds half a kilobyte and little else: a
    million such rows are compared one by one in under half a second, and a stored vector does not
    write the index of words again. The signs of a vector, one bit a dimension, tell which of many
    are worth comparing: those that differ from another's in the fewest bits (Hamming distance).
    """

    # Without an index of its own: that of the constraint begins with the paper.
    paper = models.ForeignKey(
        "papers.Paper", models.CASCADE, related_name="embeddings", db_index=False
    )
    model = models.ForeignKey(EmbeddingModel, models.CASCADE)
    vector = HalfVectorField()  # of as many dimensions as its model has
    signs = models.GeneratedField(
        expression=Func("vector", function="binary_quantize"),
        output_field=BitField(),  # of any length: the migration makes it `bit varying`
        db_persist=True,
    )

    objects = PaperEmbeddingQuerySet.as_manager()

    class Meta:
        verbose_name = "embedding"
        constraints = [
            models.UniqueConstraint(
                # With the signs, so that to compare them reads the index alone.
                fields=["paper", "model"],
                include=["signs"],
                name="one_embedding_per_paper_and_model",
            )
        ]

    def __str__(self) -> str:
        return f"embedding of {self.paper_id}"


class EmbeddingJobQuerySet(models.QuerySet["EmbeddingJob"]):
    def pending(self, now: datetime) -> "EmbeddingJobQuerySet":
        """To be claimed: not given up, and not claimed by a worker."""
        return self.unfinished().filter(unclaimed(now))

    def unfinished(self) -> "EmbeddingJobQuerySet":
        return self.filter(dead_at=None)

    @transaction.atomic
    def claim(self, now: datetime, max_jobs: int) -> "list[EmbeddingJob]":
        """Claim up to `max_jobs` pending jobs for this worker, until the lease ends.

        A job that was claimed before and is still pending is claimed alone, so that a text on
        which workers die takes no other with it. After MAX_ATTEMPTS it is given up.
        """
        pending = self.pending(now).select_for_update(skip_locked=True)
        jobs = list(pending.filter(attempts=0)[:max_jobs])
        jobs = jobs or list(pending.order_by("attempts")[:1])
        chosen = self.filter(pk__in=[job.pk for job in jobs])
        if jobs and jobs[0].attempts >= MAX_ATTEMPTS:
            chosen.update(dead_at=now)
            return []
        chosen.update(lease_until=now + lease(), attempts=F("attempts") + 1)
        for job in jobs:
            job.lease_until = now + lease()
        return jobs

    def queue(self, papers: Iterable[int]) -> None:
        """Embed these papers, again if they were: their text has changed."""
        fresh = [EmbeddingJob(paper_id=pk) for pk in papers]
        self.bulk_create(
            fresh,
            update_conflicts=True,
            unique_fields=["paper"],
            update_fields=["lease_until", "attempts", "dead_at"],
        )

    def queue_missing(self, model: EmbeddingModel) -> None:
        """Embed all papers that have no vector of this model."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO papers_embeddingjob (paper_id, attempts)
                SELECT paper_id, 0 FROM papers_papersearch AS entry
                 WHERE NOT EXISTS (SELECT 1 FROM papers_paperembedding AS made
                                    WHERE made.paper_id = entry.paper_id AND made.model_id = %s)
                ON CONFLICT (paper_id) DO UPDATE
                   SET lease_until = NULL, attempts = 0, dead_at = NULL
                """,
                [model.pk],
            )


class EmbeddingJob(models.Model):
    """A paper that waits to be embedded; the row goes when its vector is stored."""

    paper = models.OneToOneField("papers.Paper", models.CASCADE, primary_key=True, related_name="+")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True, blank=True)

    objects = EmbeddingJobQuerySet.as_manager()

    class Meta:
        verbose_name = "paper to index"
        verbose_name_plural = "search index"

    def __str__(self) -> str:
        return f"embedding of {self.pk}"
