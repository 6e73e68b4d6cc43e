"""Papers that hold all words of a search, with their rank.

A word that a hundred thousand papers share is not ranked over all of them. The search column also
holds markers for the words that weigh most in a paper (`paper_marked_words` in the migrations,
tier 6 the heaviest). The papers of the highest tier are ranked first, lower tiers only while there
are too few.
"""

from typing import Any

from django.db.models import F, FloatField, Func, QuerySet

from papers.models import Paper
from papers.models.paper_queries import PaperQuerySet
from papers.search.ctes import Cte, fewer_rows_than
from papers.search.query_planner import estimated_count
from papers.search.tsqueries import TsQueries, as_tsquery

MAX_RANKED_MATCHES = 3_000  # up to here all are ranked, of more tier by tier
TIERS = 6  # as the SQL function paper_marked_words makes them
MIN_TIER_MATCHES = 200  # in the tiers so far, after which no lower tier is asked
MAX_PAPERS_PER_TIER = 2_000
# Words that seldom weigh much in one paper: what counts is how near they stand to each other.
MAX_UNTIERED_PAPERS = 20_000

# Each CTE here is of (id, hotness, rank).
NO_MATCHES = Cte("matches", "SELECT 0 AS id, 0.0 AS hotness, 0.0 AS rank WHERE FALSE")


def seem_few(papers: PaperQuerySet, tsqueries: TsQueries, max_ranked: int) -> bool:
    """Whether all matches can be ranked, as far as the planner knows; it may be far too low."""
    return not tsqueries.all or estimated_count(_matching(papers, tsqueries)) <= max_ranked


def all_matches(papers: PaperQuerySet, tsqueries: TsQueries, max_ranked: int) -> Cte:
    """All of them, or `max_ranked` and one more, which tells that there are too many."""
    if not tsqueries.all:
        return NO_MATCHES
    return Cte.from_queryset("matches", _ranked(papers, tsqueries)[: max_ranked + 1])


def best_matches(papers: PaperQuerySet, tsqueries: TsQueries, min_matches: int) -> list[Cte]:
    """Tier by tier, until there are `min_matches`."""
    ranked = _ranked(papers, tsqueries)
    ctes: list[Cte] = []
    for tier in range(TIERS, 0, -1):
        in_tier = ranked.filter(found_by__search__meets=as_tsquery(tsqueries.in_tier(tier)))
        condition = fewer_rows_than(min_matches, ctes)
        ctes.append(Cte.from_queryset(f"tier{tier}", in_tier[:MAX_PAPERS_PER_TIER], condition))
    condition = fewer_rows_than(min_matches, ctes)
    return [*ctes, Cte.from_queryset("rest", ranked[:MAX_UNTIERED_PAPERS], condition)]


def _ranked(papers: PaperQuerySet, tsqueries: TsQueries) -> "QuerySet[Paper, Any]":
    rank = Func(
        F("found_by__search"),
        as_tsquery(tsqueries.all),
        function="ts_rank_cd",
        output_field=FloatField(),
    )
    return _matching(papers, tsqueries).annotate(rank=rank).values("id", "hotness", "rank")


def _matching(papers: PaperQuerySet, tsqueries: TsQueries) -> PaperQuerySet:
    return papers.filter(found_by__search__meets=as_tsquery(tsqueries.all))
