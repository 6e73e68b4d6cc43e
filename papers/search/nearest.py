"""Semantic search: the papers whose vectors are nearest to a text or to another paper.

Up to MAX_COMPARED vectors are all compared. Of more, those are compared whose signs are most like
the signs of the given vector. An index of vectors (HNSW) passes over more of the nearest, behind a
filter over most of them, and makes storing a vector slow.
"""

from typing import Any

import numpy as np
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from pgvector import Bit
from pgvector.django import CosineDistance, HammingDistance

from papers.models import Paper, PaperEmbedding, PaperSearch
from papers.models.embedding import PaperEmbeddingQuerySet
from papers.models.paper_queries import PaperQuerySet
from papers.search.ctes import Cte
from papers.search.query_planner import estimated_count, search_settings
from papers.search.tsqueries import TsQueries, as_tsquery
from papers.search.vector_models import QueryVector, query_vector

MAX_NEIGHBOURS = 200
MAX_COMPARED = 100_000
# So many of the nearest of all are passed through filters, and more where these leave fewer. Of the
# ten nearest 0.97 are among so many of the nearest by signs.
NEAREST_BEFORE_FILTERS = 10_000
# Where filters leave less than this share of all papers, only those are compared.
SMALL_SHARE = 1 / 10

COLUMNS = "paper_id AS id, distance"

SAMPLED_ROWS = 10_000
# The number of differing signs within which a share of all vectors lies.
FARTHEST = """
SELECT percentile_disc(%s) WITHIN GROUP (ORDER BY signs <~> %s)
  FROM papers_paperembedding TABLESAMPLE SYSTEM (%s) WHERE model_id = %s
"""


def similar_papers(paper: Paper, limit: int) -> dict[int, float]:
    """Paper ids and their cosine distances to `paper`, the nearest first."""
    own = PaperEmbedding.objects.serving().filter(paper=OuterRef("pk"))[:1]
    entries = PaperSearch.objects.annotate(
        vector=Subquery(own.values("vector")), model_id=Subquery(own.values("model_id"))
    )
    entry = entries.filter(paper=paper).first()
    if entry is None:
        return {}
    if entry.vector is None:  # it waits to be embedded
        vector = query_vector(entry.text)
    else:
        vector = QueryVector(np.array(entry.vector), entry.model_id)
    if vector is None:
        return {}
    others = Paper.objects.visible().exclude(pk=paper.pk)
    with search_settings():
        total = estimated_count(_embeddings(vector))
        near = _nearest(vector, NEAREST_BEFORE_FILTERS, total).filter(paper__in=others.values("pk"))
        return dict(near.values_list("paper_id", "distance")[:limit])


def nearest_papers(
    papers: PaperQuerySet,
    tsqueries: TsQueries,
    vector: QueryVector | None,
) -> Cte:
    """A CTE of (id, distance): the papers nearest to `vector`, among those that filters leave."""
    if vector is None:
        return Cte("neighbours", "SELECT 0 AS id, 0.0 AS distance WHERE FALSE")
    if tsqueries.without_plain_words:
        papers = papers.filter(found_by__search__meets=as_tsquery(tsqueries.without_plain_words))
    kept = papers.order_by().values("pk")
    filtered = _embeddings(vector).filter(paper__in=kept)
    total, left = estimated_count(_embeddings(vector)), estimated_count(filtered)
    if left <= total * SMALL_SHARE:
        filters_first = _by_distance(filtered, vector)[:MAX_NEIGHBOURS]
        return Cte.from_queryset("neighbours", filters_first, columns=COLUMNS)
    limit = NEAREST_BEFORE_FILTERS * total // left
    sql, params = _nearest(vector, limit, total)[:limit].query.sql_with_params()
    filters, filter_params = kept.query.sql_with_params()
    # From the nearest on, until there are MAX_NEIGHBOURS: most of them are never filtered.
    return Cte(
        "neighbours",
        f"SELECT {COLUMNS} FROM ({sql}) AS nearest WHERE paper_id IN ({filters})"
        f" ORDER BY distance LIMIT {MAX_NEIGHBOURS}",
        (*params, *filter_params),
    )


def _nearest(vector: QueryVector, limit: int, total: int) -> "QuerySet[Any, Any]":
    """Values of (paper_id, distance), the nearest first: the first `limit` are the nearest.

    `total` is about how many vectors there are.
    """
    rows = _embeddings(vector)
    if total > MAX_COMPARED:
        rows = rows.filter(paper__in=_nearest_by_signs(rows, vector, limit, total))
    return _by_distance(rows, vector)


def _nearest_by_signs(
    rows: PaperEmbeddingQuerySet, vector: QueryVector, limit: int, total: int
) -> "QuerySet[Any, Any]":
    """The `limit` papers whose vectors differ in the fewest signs.

    Sorting all takes longer than reading them, so a sample says which are too far to be sorted.
    """
    signs = Bit(vector.values > 0).to_text()
    percent = min(100.0, 100 * SAMPLED_ROWS / total)
    share = min(1.0, 1.5 * limit / total)  # more than needed, as a sample is inexact
    farthest = RawSQL(FARTHEST, [share, signs, percent, vector.model_id])
    near = rows.alias(differing=HammingDistance("signs", signs)).filter(differing__lte=farthest)
    return near.order_by("differing").values("paper")[:limit]


def _by_distance(rows: PaperEmbeddingQuerySet, vector: QueryVector) -> "QuerySet[Any, Any]":
    distance = CosineDistance("vector", vector.values)
    return rows.annotate(distance=distance).order_by("distance").values("paper_id", "distance")


def _embeddings(vector: QueryVector) -> PaperEmbeddingQuerySet:
    """All that it may be compared with."""
    return PaperEmbedding.objects.filter(model=vector.model_id)
