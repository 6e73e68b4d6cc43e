"""Semantic search: the papers whose vectors are nearest to a text or to another paper.

All vectors are compared: an index of vectors passes over some of the nearest, behind a filter over
most of them, and makes storing a vector slow.
"""

from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from pgvector.django import CosineDistance

from papers.models import Paper, PaperEmbedding, PaperSearch
from papers.models.embedding import PaperEmbeddingQuerySet
from papers.models.paper_queries import PaperQuerySet
from papers.search import embeddings
from papers.search.ctes import Cte, fewer_rows_than
from papers.search.query_planner import estimated_count, search_settings
from papers.search.tsqueries import TsQueries, as_tsquery

MAX_NEIGHBOURS = 200
# The nearest of all papers are taken before filters; if these leave too few, filters come first.
MAX_NEIGHBOURS_BEFORE_FILTERS = 6_000
# Where filters leave less than this share of all papers, comparing only those is quicker.
SMALL_SHARE = 1 / 10


COLUMNS = "paper_id AS id, distance"


def text_vector(text: str) -> "np.ndarray | None":
    """The vector of a text; None where the model knows none of its words.

    Among many papers some are near to any vector by chance.
    """
    if not embeddings.knows(text, settings.EMBEDDING_MODEL):
        return None
    vector = embeddings.embed([text], settings.EMBEDDING_MODEL)[0]
    return vector if vector.any() else None


def comparable() -> PaperEmbeddingQuerySet:
    """The vectors that text_vector() may be compared with: none while another model's serve."""
    return PaperEmbedding.objects.serving(embeddings.model_version(settings.EMBEDDING_MODEL))


def similar_papers(paper: Paper, limit: int) -> dict[int, float]:
    """Paper ids and their cosine distances to `paper`, the nearest first."""
    stored = PaperEmbedding.objects.serving()
    own = stored.filter(paper=OuterRef("pk")).values("vector")[:1]
    entry = PaperSearch.objects.filter(paper=paper).annotate(vector=Subquery(own)).first()
    if entry is None:
        return {}
    vector: Any = entry.vector
    if vector is None:  # it waits to be embedded
        vector, stored = text_vector(entry.text), comparable()
    if vector is None:
        return {}
    others = stored.exclude(paper=paper).filter(paper__hidden_at=None)
    near = others.annotate(distance=CosineDistance("vector", vector)).order_by("distance")
    with search_settings():
        return dict(near.values_list("paper_id", "distance")[:limit])


def nearest_papers(
    papers: PaperQuerySet,
    tsqueries: TsQueries,
    vector: "np.ndarray | None",
) -> list[Cte]:
    """CTEs of (id, distance): the papers nearest to `vector`, among those that filters leave."""
    if vector is None:
        return [Cte("neighbours", "SELECT 0 AS id, 0.0 AS distance WHERE FALSE")]
    if tsqueries.without_plain_words:
        papers = papers.filter(found_by__search__meets=as_tsquery(tsqueries.without_plain_words))
    everything = comparable()
    filtered = everything.filter(paper__in=papers.order_by().values("pk"))
    filters_first = _nearest(filtered, vector)[:MAX_NEIGHBOURS]
    total = estimated_count(everything)
    if estimated_count(filtered) <= total * SMALL_SHARE:
        return [Cte.from_queryset("filters_first", filters_first, columns=COLUMNS)]
    nearest = _nearest(everything, vector)[:MAX_NEIGHBOURS_BEFORE_FILTERS]
    sql, params = nearest.query.sql_with_params()
    filters, filter_params = papers.order_by().values("pk").query.sql_with_params()
    filters_last = Cte(
        "filters_last",
        f"SELECT {COLUMNS} FROM ({sql}) AS nearest WHERE paper_id IN ({filters})"
        f" ORDER BY distance LIMIT {MAX_NEIGHBOURS}",
        (*params, *filter_params),
    )
    condition = fewer_rows_than(MAX_NEIGHBOURS, ["filters_last"])[0]
    return [filters_last, Cte.from_queryset("filters_first", filters_first, condition, COLUMNS)]


def _nearest(rows: PaperEmbeddingQuerySet, vector: "np.ndarray") -> "QuerySet[Any, Any]":
    distance = CosineDistance("vector", vector)
    return rows.annotate(distance=distance).order_by("distance").values("paper_id", "distance")
