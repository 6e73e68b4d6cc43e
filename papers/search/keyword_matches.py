"""Papers that hold all words of a search, with their rank.

A word that a hundred thousand papers share is not ranked over all of them. The search column also
holds markers for the words that weigh most in a paper (`paper_marked_words` in the migrations,
tier 6 the heaviest). The papers of the highest tier are ranked first, lower tiers only while there
are too few.
"""

from typing import Any

from django.db.models import F, FloatField, Func, QuerySet

from papers.models import Paper, PaperSearch
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
# Where filters leave at least this share of the matches, the best are chosen before they are
# filtered: to look up the paper of each match takes longer than ranking it.
WIDE_SHARE = 0.9
MAX_FILTERED_MATCHES = 1_500  # more than a search shows, as filters leave fewer
BEST_OF_ALL = f"""
SELECT id, hotness, rank
  FROM (SELECT paper_id, rank
          FROM (SELECT paper_id, ts_rank_cd(search, %s::tsquery) AS rank
                  FROM papers_papersearch WHERE search @@ %s::tsquery
                 LIMIT {MAX_UNTIERED_PAPERS}) AS matching
         ORDER BY rank DESC FETCH FIRST {MAX_FILTERED_MATCHES} ROWS WITH TIES) AS best
  JOIN ({{papers}}) AS papers ON id = paper_id
"""

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
    if _are_most(papers, tsqueries):
        return [*ctes, _best_of_all(papers, tsqueries, condition)]
    return [*ctes, Cte.from_queryset("rest", ranked[:MAX_UNTIERED_PAPERS], condition)]


def _are_most(papers: PaperQuerySet, tsqueries: TsQueries) -> bool:
    """Whether filters leave most of the papers with these words."""
    of_all = PaperSearch.objects.filter(search__meets=as_tsquery(tsqueries.all))
    return estimated_count(_matching(papers, tsqueries)) >= WIDE_SHARE * estimated_count(of_all)


def _best_of_all(papers: PaperQuerySet, tsqueries: TsQueries, condition: str) -> Cte:
    kept, params = papers.order_by().values("id", "hotness").query.sql_with_params()
    sql = f"{BEST_OF_ALL.format(papers=kept)} WHERE {condition}"
    return Cte("rest", sql, (tsqueries.all, tsqueries.all, *params))


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
