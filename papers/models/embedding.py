"""What a paper means, as a vector: rows so narrow that a million are compared while one waits."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.db import connection, models, transaction
from django.db.models import F, Q
from pgvector import HalfVector
from pgvector.django import HalfVectorField, HnswIndex

from papers.models.lease import lease

MOST_ATTEMPTS = 5


class PaperMeaningQuerySet(models.QuerySet["PaperMeaning"]):
    def waiting(self, now: datetime) -> "PaperMeaningQuerySet":
        """To be embedded: not yet done, not given up, and nobody is at it."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, embedding=None, dead_at=None)

    @transaction.atomic
    def claim(self, now: datetime, most: int) -> "list[PaperMeaning]":
        """Some of them, ours until the lease ends.

        What was claimed before and is still here comes alone, so that a text on which workers
        die takes no other with it; after five tries it is given up.
        """
        free = self.waiting(now).select_for_update(skip_locked=True)
        rows = list(free.filter(attempts=0)[:most]) or list(free.order_by("attempts")[:1])
        claimed = [row for row in rows if row.attempts < MOST_ATTEMPTS]
        for row in rows:
            row.lease_until = now + lease()
        self.filter(pk__in=[row.pk for row in rows if row not in claimed]).update(dead_at=now)
        self.filter(pk__in=[row.pk for row in claimed]).update(
            lease_until=now + lease(), attempts=F("attempts") + 1
        )
        return claimed

    def keep(self, claimed: "list[PaperMeaning]", vectors: "np.ndarray") -> None:
        """Compare and set: what was reworded or claimed by another since then stays undone."""
        made = [HalfVector(vector).to_text() for vector in vectors]
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE papers_papermeaning AS kept
                   SET embedding = made.embedding, lease_until = NULL, attempts = 0
                  FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[])::halfvec AS embedding,
                               unnest(%s::timestamptz[]) AS lease_until) AS made
                 WHERE kept.paper_id = made.id AND kept.lease_until = made.lease_until
                """,
                [[row.pk for row in claimed], made, [row.lease_until for row in claimed]],
            )

    def forget(self, papers: Iterable[int]) -> None:
        """Their texts have changed: they are embedded anew."""
        self.filter(pk__in=list(papers)).update(
            embedding=None, lease_until=None, attempts=0, dead_at=None
        )


class PaperMeaning(models.Model):
    paper = models.OneToOneField(
        "papers.Paper", models.CASCADE, primary_key=True, related_name="meaning"
    )
    embedding = HalfVectorField(dimensions=256, null=True, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True)

    objects = PaperMeaningQuerySet.as_manager()

    class Meta:
        verbose_name = "meaning"
        indexes = [
            models.Index(
                "paper", condition=Q(embedding=None, dead_at=None), name="paper_without_meaning"
            ),
            HnswIndex(
                name="paper_meaning",
                fields=["embedding"],
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"meaning of {self.pk}"
