"""A paper's embedding: the vector for semantic search, and the queue of papers without one."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.db import connection, models, transaction
from django.db.models import F, Q
from pgvector import HalfVector
from pgvector.django import HalfVectorField, HnswIndex

from papers.models.lease import lease

DIMENSIONS = 256
MAX_ATTEMPTS = 5


class PaperEmbeddingQuerySet(models.QuerySet["PaperEmbedding"]):
    def pending(self, now: datetime) -> "PaperEmbeddingQuerySet":
        """Rows to embed: without a vector, not given up, and not claimed by a worker."""
        unclaimed = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(unclaimed, vector=None, dead_at=None)

    @transaction.atomic
    def claim(self, now: datetime, max_rows: int) -> "list[PaperEmbedding]":
        """Claim up to `max_rows` pending rows for this worker, until the lease ends.

        A row that was claimed before and is still pending is claimed alone, so that a text on
        which workers die takes no other with it. After MAX_ATTEMPTS it is given up.
        """
        pending = self.pending(now).select_for_update(skip_locked=True)
        rows = list(pending.filter(attempts=0)[:max_rows])
        rows = rows or list(pending.order_by("attempts")[:1])
        claimed = [row for row in rows if row.attempts < MAX_ATTEMPTS]
        for row in rows:
            row.lease_until = now + lease()
        self.filter(pk__in=[row.pk for row in rows if row not in claimed]).update(dead_at=now)
        self.filter(pk__in=[row.pk for row in claimed]).update(
            lease_until=now + lease(), attempts=F("attempts") + 1
        )
        return claimed

    def save_vectors(self, claimed: "list[PaperEmbedding]", vectors: "np.ndarray") -> None:
        """Store one vector for each claimed row; `vectors` has the shape (rows, DIMENSIONS).

        Compare and set: a row whose text has changed, or which another worker has claimed
        since, stays pending.
        """
        texts = [HalfVector(vector).to_text() for vector in vectors]
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE papers_paperembedding AS stored
                   SET vector = made.vector, lease_until = NULL, attempts = 0
                  FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[])::halfvec AS vector,
                               unnest(%s::timestamptz[]) AS lease_until) AS made
                 WHERE stored.paper_id = made.id AND stored.lease_until = made.lease_until
                """,
                [[row.pk for row in claimed], texts, [row.lease_until for row in claimed]],
            )

    def reset(self, papers: Iterable[int]) -> None:
        """Delete the vectors of papers whose text has changed: they are pending again."""
        self.filter(pk__in=list(papers)).update(
            vector=None, lease_until=None, attempts=0, dead_at=None
        )


class PaperEmbedding(models.Model):
    """Apart from Paper and PaperSearch, so that a row holds half a kilobyte and little else.

    A million such rows are compared one by one in under half a second, and a stored vector
    does not write the index of words again.
    """

    paper = models.OneToOneField(
        "papers.Paper", models.CASCADE, primary_key=True, related_name="embedding"
    )
    vector = HalfVectorField(dimensions=DIMENSIONS, null=True, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True)

    objects = PaperEmbeddingQuerySet.as_manager()

    class Meta:
        verbose_name = "embedding"
        indexes = [
            models.Index(
                "paper", condition=Q(vector=None, dead_at=None), name="paper_without_embedding"
            ),
            HnswIndex(
                name="paper_embedding",
                fields=["vector"],
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"embedding of {self.pk}"
