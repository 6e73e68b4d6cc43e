"""From what a reader typed to papers: by words, by meaning, in an order, and why marked."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F
from pgvector.django import CosineDistance
from psycopg.errors import QueryCanceled

from papers.models import Paper, PaperSearch, Topic
from papers.search import embeddings, highlights, hybrid
from papers.search.hybrid import DEEPEST, Words
from papers.search_query import Query, parse

__all__ = ["Found", "Query", "TooSlow", "find", "parse", "similar"]

BEST = "best"
PATIENCE = "5s"  # and then a reader is told to ask for less
PLANNER = {
    "statement_timeout": PATIENCE,
    "work_mem": "64MB",
    "hnsw.ef_search": "800",  # recall at ten 0.98 among 25,000 real records, where 100 has 0.93
    "hnsw.iterative_scan": "relaxed_order",
}


class TooSlow(Exception):
    """A search took longer than anyone waits for it."""


@dataclass(slots=True)
class Found:
    query: Query
    papers: list[Paper] = field(default_factory=list)
    total: int = 0
    is_capped: bool = False  # there are more than `total`

    @property
    def problems(self) -> list[str]:
        return self.query.problems


def find(
    text: str,
    *,
    topics: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    min_votes: int = 0,
    sort: str = BEST,
    offset: int = 0,
    limit: int = 60,
) -> Found:
    """The papers that a search asks for; what stands beside the box narrows it further.

    Ordered other than by `best`, only those that hold its words: what is merely near is no match.
    """
    query = parse(text)
    query.problems += _unknown(query.topics + query.unwanted_topics)
    if query.is_empty:
        return Found(query)
    beside = Paper.objects.visible().in_topics(topics).with_min_votes(min_votes)
    papers = beside.dated(since, until).within(query)
    limit = max(0, min(limit, DEEPEST - offset))
    with patience():
        words = Words.of(query)
        if query.has_words and not words.all:
            query.problems.append("Words that stand in every paper are not searched for.")
        if sort == BEST and query.wanted:
            best = hybrid.best(
                papers,
                words,
                _vector(query.meaning),
                offset=offset,
                limit=limit,
            )
            total, is_capped, rows = best.total, best.is_capped, _rows(best.ids, words)
        else:
            matching = papers.matching(query)
            total = matching[: DEEPEST + 1].count()
            total, is_capped = min(total, DEEPEST), total > DEEPEST
            ordered = matching.sorted("hot" if sort == BEST else sort)[offset : offset + limit]
            rows = _rows(list(ordered.values_list("pk", flat=True)), words)
    return Found(query, rows, total, is_capped)


def similar(paper: Paper, limit: int = 10) -> list[Paper]:
    """What means most nearly the same, the nearest first, each with its `closeness`."""
    entries = PaperSearch.objects.annotate(embedding=F("paper__embedding__vector"))
    about = entries.filter(paper=paper).first()
    if about is None:
        return []
    vector = _vector(about.text) if about.embedding is None else about.embedding
    if vector is None:
        return []
    others = Paper.objects.visible().exclude(pk=paper.pk).filter(embedding__vector__isnull=False)
    near = others.annotate(distance=CosineDistance("embedding__vector", vector))
    with patience():
        distances = dict(near.order_by("distance").values_list("pk", "distance")[:limit])
        papers = _rows(distances)
    for other in papers:
        other.closeness = max(0.0, min(1.0, 1 - distances[other.pk]))
    return papers


@contextmanager
def patience() -> Iterator[None]:
    """For what is asked within: the planner's settings, and an end to waiting."""
    local = ", ".join("set_config(%s, %s, true)" for _ in PLANNER)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {local}", [it for pair in PLANNER.items() for it in pair])
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise


def _unknown(slugs: list[str]) -> list[str]:
    known = set(Topic.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    return [f"There is no topic “{slug}” here." for slug in slugs if slug not in known]


def _vector(text: str) -> "np.ndarray | None":
    """None where the text means nothing to the model."""
    vector = embeddings.embed([text], settings.EMBEDDING_MODEL)[0]
    return vector if vector.any() else None


def _rows(ids: Iterable[int], words: Words | None = None) -> list[Paper]:
    """These papers in this order, as a list draws them, with what was found marked."""
    papers = Paper.objects.for_rows()
    if words and words.wanted:
        papers = highlights.asked_for(papers, words.wanted)
    found = papers.in_bulk(list(ids))
    rows = [found[pk] for pk in ids if pk in found]
    if words and words.wanted:
        for paper in rows:
            highlights.show(paper)
    return rows
