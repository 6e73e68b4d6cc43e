"""Papers that hold two or three of the rarest words of a search, where few hold all of them."""

from collections.abc import Iterable
from itertools import combinations
from math import log

from django.contrib.postgres.search import SearchVectorField
from django.db import connection
from django.db.models import F, Func
from django.db.models.expressions import RawSQL

from papers.models.paper_queries import PaperQuerySet
from papers.search.ctes import Cte
from papers.search.keyword_matches import MAX_RANKED_MATCHES
from papers.search.query_planner import estimated_count, estimated_rows
from papers.search.tsqueries import TsQueries, as_tsquery

MAX_FULL_MATCHES = 20  # of papers with all words; with more of those, partial ones do not count
RAREST_WORDS = 6  # two, or three, of these must stand in a paper
NO_PARTIAL_MATCHES = Cte("partly", "SELECT 0 AS id, 0.0 AS weight WHERE FALSE")
# The second time in a text a word says less than the first.
SATURATED_RANK = "(ts_rank_cd(entry, %s::tsquery) / (ts_rank_cd(entry, %s::tsquery) + 0.4))"


def partial_matches(papers: PaperQuerySet, tsqueries: TsQueries) -> Cte:
    """A CTE of (id, weight): the rarer the words a paper holds, the greater its weight."""
    if len(tsqueries.plain_words) < 3:
        return NO_PARTIAL_MATCHES
    rarities = sorted(_rarities(tsqueries.plain_words).items(), key=lambda pair: -pair[1])
    weights = dict(rarities[:RAREST_WORDS])
    if tsqueries.without_plain_words:
        papers = papers.filter(found_by__search__meets=as_tsquery(tsqueries.without_plain_words))
    for words_together in (2, 3):
        holding = papers.filter(
            found_by__search__meets=as_tsquery(_any_together(weights, words_together))
        )
        if len(weights) == 3 or estimated_count(holding) <= MAX_RANKED_MATCHES:
            break
    # Filtered once here, as each word looks into it.
    entry = Func(
        F("found_by__search"),
        RawSQL("'{a,b,c}'", []),
        function="ts_filter",
        output_field=SearchVectorField(),
    )
    rows = holding.annotate(entry=entry).values("id", "entry")[:MAX_RANKED_MATCHES]
    sql, params = rows.query.sql_with_params()
    weight = " + ".join(f"{rarity} * {SATURATED_RANK}" for rarity in weights.values())
    condition = f"(SELECT count(*) FROM by_words) <= {MAX_FULL_MATCHES}"
    return Cte(
        "partly",
        f"SELECT id, {weight} AS weight FROM ({sql}) AS rows WHERE {condition}",
        (*(word for word in weights for _ in range(2)), *params),
    )


def _any_together(words: Iterable[str], count: int) -> str:
    """The tsquery of any `count` of these words in one paper."""
    sets = (" & ".join(f"({word})" for word in group) for group in combinations(words, count))
    return " | ".join(f"({group})" for group in sets)


def _rarities(words: Iterable[str]) -> dict[str, float]:
    """How rare each word is (its idf), by the planner's statistics."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'papers_papersearch'")
        paper_count = max(1.0, cursor.fetchone()[0])
    holding = "SELECT 1 FROM papers_papersearch WHERE search @@ %s::tsquery"
    return {word: log(1 + paper_count / (1 + estimated_rows(holding, [word]))) for word in words}
