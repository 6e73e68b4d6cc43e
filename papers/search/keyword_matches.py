"""Papers that hold all words of a search, with their rank.

A word that a hundred thousand papers share is not ranked over all of them. The search column also
holds markers for the words that weigh most in a paper (`paper_marked_words` in the migrations,
tier 6 the heaviest). The papers of the highest tier are ranked first, lower tiers only while there
are too few.
"""

from django.db.models import F, FloatField, Func

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


def keyword_matches(
    papers: PaperQuerySet,
    tsqueries: TsQueries,
    min_matches: int,
    max_ranked: int = MAX_RANKED_MATCHES,
) -> tuple[list[Cte], str]:
    """CTEs of (id, hotness, rank); and the SQL that says whether there were too many to rank."""
    if not tsqueries.all:
        return [Cte("matches", "SELECT 0 AS id, 0.0 AS hotness, 0.0 AS rank WHERE FALSE")], "FALSE"
    matching = papers.filter(found_by__search__meets=as_tsquery(tsqueries.all))
    rank = Func(
        F("found_by__search"),
        as_tsquery(tsqueries.all),
        function="ts_rank_cd",
        output_field=FloatField(),
    )
    ranked = matching.annotate(rank=rank).values("id", "hotness", "rank")
    ctes, is_many = [], "TRUE"
    if estimated_count(matching) <= max_ranked:
        # The estimate may be far too low, so one row more tells whether it was.
        ctes = [Cte.from_queryset("matches", ranked[: max_ranked + 1])]
        is_many = f"(SELECT count(*) FROM matches) > {max_ranked}"
    tiers: list[str] = []
    for tier in range(TIERS, 0, -1):
        in_tier = ranked.filter(found_by__search__meets=as_tsquery(tsqueries.in_tier(tier)))
        condition = " AND ".join([is_many, *fewer_rows_than(min_matches, tiers)])
        ctes.append(Cte.from_queryset(f"tier{tier}", in_tier[:MAX_PAPERS_PER_TIER], condition))
        tiers.append(f"tier{tier}")
    condition = " AND ".join([is_many, *fewer_rows_than(min_matches, tiers)])
    return [*ctes, Cte.from_queryset("rest", ranked[:MAX_UNTIERED_PAPERS], condition)], is_many
