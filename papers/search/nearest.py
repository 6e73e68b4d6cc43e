"""Semantic search: the papers whose vectors are nearest to a text or to another paper.

All vectors are compared: an index of vectors passes over some of the nearest, behind a filter over
most of them, and makes storing a vector slow.
"""

from typing import Any

from django.db.models import Q, QuerySet
from pgvector.django import CosineDistance

from papers.models import Paper, PaperEmbedding, PaperSearch
from papers.models.embedding import PaperEmbeddingQuerySet
from papers.models.paper_queries import PaperQuerySet
from papers.search.ctes import Cte, fewer_rows_than
from papers.search.query_planner import estimated_count, search_settings
from papers.search.tsqueries import TsQueries, as_tsquery
from papers.search.vector_models import QueryVector, query_vector

MAX_NEIGHBOURS = 200
# The nearest of all papers are taken before filters; if these leave too few, filters come first.
MAX_NEIGHBOURS_BEFORE_FILTERS = 6_000
# Where filters leave less than this share of all papers, comparing only those is quicker.
SMALL_SHARE = 1 / 10

COLUMNS = "paper_id AS id, distance"


def similar_papers(paper: Paper, limit: int) -> dict[int, float]:
    """Paper ids and their cosine distances to `paper`, the nearest first."""
    own = PaperEmbedding.objects.serving().filter(paper=paper).values_list("vector", "model_id")
    vector = QueryVector(*own[0]) if own else _vector_of(paper)
    if vector is None:
        return {}
    others = PaperEmbedding.objects.filter(
        Q(paper__described_by_reader=False) | Q(paper__listed_on__isnull=False),
        model=vector.model_id,
        paper__hidden_at=None,
    )
    with search_settings():
        near = _nearest(others.exclude(paper=paper), vector).values_list("paper_id", "distance")
        return dict(near[:limit])


def _vector_of(paper: Paper) -> QueryVector | None:
    """Of a paper that waits to be embedded."""
    entry = PaperSearch.objects.filter(paper=paper).first()
    return query_vector(entry.text) if entry else None


def nearest_papers(
    papers: PaperQuerySet,
    tsqueries: TsQueries,
    vector: QueryVector | None,
) -> list[Cte]:
    """CTEs of (id, distance): the papers nearest to `vector`, among those that filters leave."""
    if vector is None:
        return [Cte("neighbours", "SELECT 0 AS id, 0.0 AS distance WHERE FALSE")]
    if tsqueries.without_plain_words:
        papers = papers.filter(found_by__search__meets=as_tsquery(tsqueries.without_plain_words))
    everything = PaperEmbedding.objects.filter(model=vector.model_id)
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


def _nearest(rows: PaperEmbeddingQuerySet, vector: QueryVector) -> "QuerySet[Any, Any]":
    distance = CosineDistance("vector", vector.values)
    return rows.annotate(distance=distance).order_by("distance").values("paper_id", "distance")
