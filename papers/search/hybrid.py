"""Hybrid ranking: keyword and semantic results, each ranked apart, fused in one SQL statement.

Reciprocal rank fusion adds 1 / (RRF_K + place) over the rankings, so their scores need no common
scale: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual
rank learning methods", SIGIR 2009.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from papers.models.paper_queries import PaperQuerySet
from papers.search.ctes import Cte, params_of, union, with_clause
from papers.search.keyword_matches import (
    MAX_RANKED_MATCHES,
    MIN_TIER_MATCHES,
    all_matches,
    best_matches,
    seem_few,
)
from papers.search.nearest import MAX_NEIGHBOURS, nearest_papers
from papers.search.partial_matches import NO_PARTIAL_MATCHES, partial_matches
from papers.search.title_matches import title_matches
from papers.search.tsqueries import TsQueries
from papers.search.vector_models import QueryVector

MAX_RESULTS = 1_000  # counted, and reached by paging
# Cosine distance from which on a paper is about something else. Of 52 paraphrased titles 83 % find
# their paper within it, a word that means nothing finds no paper (20,000 papers).
MAX_DISTANCE = 0.75
RRF_K = 10  # the first place is worth as much as two at the eleventh
# Of a place by meaning beside one by words: vectors of words alone are the vaguer of the two. With
# less, a paraphrased title loses its paper; with more, results miss the subject more often.
MEANING_WEIGHT = 0.3

STATEMENT = """
WITH {matches_with},
by_words AS (
  SELECT id, row_number() OVER (ORDER BY rank DESC, hotness DESC NULLS LAST, id) AS place
    FROM ({matches}) AS ranked ORDER BY place LIMIT {max_results}
),
{neighbours_with},
by_meaning AS (
  SELECT id, row_number() OVER (ORDER BY distance, id) AS place
    FROM neighbours WHERE {are_all} AND distance < {max_distance}
),
{partly_with},
by_part AS (
  SELECT id, row_number() OVER (ORDER BY weight DESC, id) AS place
    FROM partly ORDER BY place LIMIT {max_neighbours}
),
{titled_with},
fused AS (
  SELECT id, coalesce(1.0 / ({rrf_k} + by_words.place), 0)
           + coalesce({meaning_weight} / ({rrf_k} + by_meaning.place), 0)
           + coalesce(1.0 / ({rrf_k} + by_part.place), 0)
           + coalesce(titled.share, 0) AS score -- more than all else together
    FROM by_words FULL JOIN by_meaning USING (id) FULL JOIN by_part USING (id)
         FULL JOIN titled USING (id)
   ORDER BY score DESC, id LIMIT {max_results}
)
SELECT {are_all} AS are_all, (SELECT count(*) FROM by_words) AS full_matches,
       EXISTS (SELECT FROM by_words) OR EXISTS (SELECT FROM by_part)
         OR EXISTS (SELECT FROM titled) AS has_words,
       ARRAY(SELECT id FROM fused ORDER BY score DESC, id) AS ids
"""


@dataclass(frozen=True, slots=True)
class RankedPage:
    ids: list[int]
    all_ids: list[int]  # of all pages, as far as they have been ranked
    total: int
    is_capped: bool  # there are more than `total`
    full_matches: int  # papers with all words, as far as they have been ranked
    has_words: bool  # some hold the words, at least two of them; else all are near in meaning only


def ranked_page(
    papers: PaperQuerySet,
    tsqueries: TsQueries,
    vector: QueryVector | None,
    *,
    title: str = "",
    offset: int = 0,
    limit: int = 10,
    max_ranked: int = MAX_RANKED_MATCHES,
) -> RankedPage:
    """The best of these papers, best first; filters have been applied to `papers` before.

    Papers of this `title` precede all others.
    """
    parts = [
        nearest_papers(papers, tsqueries, vector),
        partial_matches(papers, tsqueries) if vector is not None else NO_PARTIAL_MATCHES,
        title_matches(papers, title),
    ]
    row = None
    if seem_few(papers, tsqueries, max_ranked):
        matches = [all_matches(papers, tsqueries, max_ranked)]
        row = _fused(matches, parts, f"(SELECT count(*) FROM matches) <= {max_ranked}")
    if are_many := row is None or not row.are_all:
        matches = best_matches(papers, tsqueries, max(MIN_TIER_MATCHES, offset + limit))
        row = _fused(matches, parts)
    return RankedPage(
        row.ids[offset : offset + limit],
        all_ids=row.ids,
        total=MAX_RESULTS if are_many else len(row.ids),
        is_capped=are_many or len(row.ids) == MAX_RESULTS,
        full_matches=row.full_matches,
        has_words=row.has_words,
    )


class _Row(NamedTuple):
    """What STATEMENT yields."""

    are_all: bool
    full_matches: int
    has_words: bool
    ids: list[int]


def _fused(matches: list[Cte], parts: list[Cte], are_all: str = "TRUE") -> _Row:
    """`parts` are neighbours, partly and titled.

    `are_all` is SQL: where it is false, the ranking is to be made again from other matches, and
    no vector is compared for this one.
    """
    neighbours, partly, titled = parts
    sql = STATEMENT.format(
        matches_with=with_clause(matches),
        matches=union(matches),
        neighbours_with=with_clause([neighbours]),
        partly_with=with_clause([partly]),
        titled_with=with_clause([titled]),
        are_all=are_all,
        max_distance=MAX_DISTANCE,
        max_neighbours=MAX_NEIGHBOURS,
        max_results=MAX_RESULTS,
        rrf_k=RRF_K,
        meaning_weight=MEANING_WEIGHT,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params_of([*matches, *parts]))
        return _Row(*cursor.fetchone())
