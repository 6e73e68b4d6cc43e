"""What a paper is found by, apart from it: a vote must not write these indexes again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import connection, models, transaction
from django.db.models import F, Func, Q
from django.db.models.expressions import RawSQL
from pgvector import HalfVector
from pgvector.django import HalfVectorField, HnswIndex

from papers.models.lease import lease
from papers.query import Query, Term

MOST_ATTEMPTS = 5
WEIGHTS = {"title": ":A", "abstract": ":B", "authors": ":C"}


class PaperSearchQuerySet(models.QuerySet["PaperSearch"]):
    def without_meaning(self, now: datetime) -> "PaperSearchQuerySet":
        """To be embedded: not yet done, not given up, and nobody is at it."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, embedding=None, dead_at=None)

    @transaction.atomic
    def claim(self, now: datetime, most: int) -> "list[PaperSearch]":
        """Some of them, ours until the lease ends.

        What was claimed before and is still here comes alone, so that a text on which workers
        die takes no other with it; after five tries it is given up.
        """
        free = self.without_meaning(now).select_for_update(skip_locked=True).defer("search")
        rows = list(free.filter(attempts=0)[:most]) or list(free.order_by("attempts")[:1])
        claimed = [row for row in rows if row.attempts < MOST_ATTEMPTS]
        for row in rows:
            row.lease_until = now + lease()
        self.filter(pk__in=[row.pk for row in rows if row not in claimed]).update(dead_at=now)
        self.filter(pk__in=[row.pk for row in claimed]).update(
            lease_until=now + lease(), attempts=F("attempts") + 1
        )
        return claimed

    def keep_meaning(self, claimed: "list[PaperSearch]", vectors: "np.ndarray") -> None:
        """Compare and set: what was reworded or claimed by another since then stays undone."""
        made = [HalfVector(vector).to_text() for vector in vectors]
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE papers_papersearch
                   SET embedding = made.embedding, lease_until = NULL, attempts = 0
                  FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[])::halfvec AS embedding,
                               unnest(%s::timestamptz[]) AS lease_until) AS made
                 WHERE paper_id = made.id AND papers_papersearch.lease_until = made.lease_until
                """,
                [[row.pk for row in claimed], made, [row.lease_until for row in claimed]],
            )

    def forget_meaning(self, papers: "Iterable[int]") -> None:
        """Their texts have changed: they are embedded anew."""
        self.filter(pk__in=list(papers)).update(
            embedding=None, lease_until=None, attempts=0, dead_at=None
        )


class PaperSearch(models.Model):
    paper = models.OneToOneField(
        "papers.Paper", models.CASCADE, primary_key=True, related_name="found_by"
    )
    title = models.TextField()
    authors = ArrayField(models.TextField(), default=list)
    abstract = models.TextField(blank=True)
    author_names = ArrayField(models.TextField(), default=list)  # normalised, for exact search
    search = models.GeneratedField(
        expression=Func("title", "authors", "abstract", function="paper_marked_words"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    embedding = HalfVectorField(dimensions=256, null=True, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True)

    objects = PaperSearchQuerySet.as_manager()

    class Meta:
        verbose_name = "search entry"
        verbose_name_plural = "search entries"
        indexes = [
            GinIndex("search", name="paper_words"),
            GinIndex("author_names", name="paper_authors"),
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
        return self.title

    @property
    def meaning(self) -> str:
        """What its embedding is made of."""
        return f"{self.title}. {self.abstract}"


@SearchVectorField.register_lookup
class Meets(models.Lookup):
    """A tsvector, and a tsquery that is already one: `found_by__search__meets=…`."""

    lookup_name = "meets"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        vector, of_vector = self.process_lhs(compiler, connection)
        query, of_query = self.process_rhs(compiler, connection)
        return f"{vector} @@ {query}", (*of_vector, *of_query)


def tsquery(query: Query, *, plain: bool = True) -> RawSQL:
    """All that must and must not stand in a paper; `plain` words may be left to their meaning."""
    wanted = [group for group in query.wanted if plain or not all(it.is_plain for it in group)]
    parts = [_joined(" || ", group) for group in wanted]
    parts += [("!!" + sql, values) for sql, values in map(_of, query.unwanted)]
    sql, values = _all(" && ", parts)
    return RawSQL(sql or "''::tsquery", values, output_field=SearchQueryField())


def _joined(operator: str, terms: Iterable[Term]) -> tuple[str, list[str]]:
    return _all(operator, [_of(term) for term in terms])


def _all(operator: str, parts: list[tuple[str, list[str]]]) -> tuple[str, list[str]]:
    sql = operator.join(sql for sql, _ in parts)
    return f"({sql})" if sql else "", [value for _, values in parts for value in values]


def _of(term: Term) -> tuple[str, list[str]]:
    if term.where == "authors":
        return "paper_term('simple', %s, ':C')", [term.text]
    if term.where or term.phrase:
        return "paper_term('english', %s, %s)", [term.text, WEIGHTS.get(term.where, "")]
    return "paper_word(%s)", [term.text]
