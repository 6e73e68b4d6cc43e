"""The best for a search: words and meaning ranked apart and fused by rank, in one statement.

A word that a hundred thousand papers share is not ranked over all of them: papers in which it
weighs most are marked (papers/migrations/0001), and the highest markers are asked first. An index
of vectors passes over some of the nearest, and behind a filter over most of them: up to millions of
papers, all vectors are compared.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Any

import numpy as np
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import connection
from django.db.models import F, FloatField, Func, QuerySet
from django.db.models.expressions import CombinedExpression, RawSQL
from pgvector.django import CosineDistance

from papers.models import PaperEmbedding
from papers.models.paper import PaperQuerySet
from papers.models.search import tsquery
from papers.search_query import Query

DEEPEST = 1_000  # results that are counted and can be paged to
EXACT = 3_000  # matches that are all ranked; of more, tier by tier
TIERS = 6  # as `paper_marked_words` marks them
ENOUGH = 200  # matches in the tiers so far, after which no lower one is asked
MOST_OF_A_TIER = 2_000
REST = 20_000  # of words that seldom weigh much in one paper: what counts is how near they stand
NEAREST = 200
TOO_FAR = 0.65  # cosine distance from which on a paper is about something else
NEAREST_OF_ALL = 6_000  # compared before the filters; where they leave too few, after them
COMPARED = 2_000_000  # papers up to which vectors are all compared, and no index is trusted
LITTLE = 1 / 10  # of all papers: to compare those alone, found one by one, is quicker
FEW = 20  # matches of all words, up to which papers that hold some of them count too
RAREST = 6  # words of which two, or three, are asked for then
RRF = 10  # the first place is worth as much as two at the eleventh

# {words}: id, hotness and rank of matches. {meaning}: id and distance of the nearest.
STATEMENT = """
WITH {matches},
by_words AS (
  SELECT id, row_number() OVER (ORDER BY rank DESC, hotness DESC NULLS LAST, id) AS place
    FROM ({words}) AS ranked ORDER BY place LIMIT {deepest}
),
{neighbours},
by_meaning AS (
  SELECT id, row_number() OVER (ORDER BY distance, id) AS place
    FROM ({meaning}) AS near WHERE distance < {too_far}
),
{partly},
by_part AS (
  SELECT id, row_number() OVER (ORDER BY weight DESC, id) AS place
    FROM partly ORDER BY place LIMIT {nearest}
),
fused AS (
  SELECT id, coalesce(1.0 / ({rrf} + by_words.place), 0)
           + coalesce(1.0 / ({rrf} + by_meaning.place), 0)
           + coalesce(1.0 / ({rrf} + by_part.place), 0) AS score
    FROM by_words FULL JOIN by_meaning USING (id) FULL JOIN by_part USING (id)
   ORDER BY score DESC, id LIMIT {deepest}
)
SELECT {many} AS many, (SELECT count(*) FROM fused) AS total,
       ARRAY(SELECT id FROM fused ORDER BY score DESC, id LIMIT {limit} OFFSET {offset}) AS page
"""


@dataclass(frozen=True, slots=True)
class Words:
    """A search as PostgreSQL reads it; empty where nothing is left of it."""

    all: str = ""
    strict: str = ""  # without the plain words, for which a meaning may stand
    wanted: str = ""  # without what must not stand there
    plain: tuple[str, ...] = ()  # each of the plain ones

    @classmethod
    def of(cls, query: Query) -> "Words":
        plain = [group for group in query.wanted if all(term.is_plain for term in group)]
        parts = [tsquery(query), tsquery(query, plain=False), tsquery(Query(wanted=query.wanted))]
        parts += [tsquery(Query(wanted=[group])) for group in plain]
        texts = ", ".join(f"({part.sql})::text" for part in parts)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {texts}", [it for part in parts for it in part.params])
            every, strict, wanted, *each = cursor.fetchone()
        return cls(every, strict, wanted, tuple(dict.fromkeys(filter(None, each))))

    def of_tier(self, tier: int) -> str:
        """The markers of its words: `'graph' <-> 'neural'` is `'graph~2' & 'neural~2'`."""

        def marked(it: re.Match[str]) -> str:
            return f"{it['lexeme'][:-1]}~{tier}'" if it["lexeme"] else "&"

        return LEXEME.sub(marked, self.wanted)


LEXEME = re.compile(r"(?P<lexeme>'(?:[^']|'')*')(?::[*A-D]+)?|<(?:-|\d+)>")


@dataclass(frozen=True, slots=True)
class Best:
    ids: list[int]
    total: int
    is_capped: bool


def best(
    papers: PaperQuerySet,
    words: Words,
    vector: "np.ndarray | None",
    *,
    offset: int = 0,
    limit: int = 10,
    exact: int = EXACT,
    compared: int = COMPARED,
) -> Best:
    """A page of the best of these papers, whose filters have been set."""
    matches, many = _matches(papers, words, max(ENOUGH, offset + limit), exact)
    neighbours = _neighbours(papers, words, vector, compared)
    partly = _partly(papers, words) if vector is not None else NO_PART
    sql = STATEMENT.format(
        matches=_listed(matches),
        words=_union(matches),
        neighbours=_listed(neighbours),
        meaning=_union(neighbours),
        partly=_listed([partly]),
        nearest=NEAREST,
        many=many,
        too_far=TOO_FAR,
        rrf=RRF,
        deepest=DEEPEST,
        limit=int(limit),
        offset=int(offset),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [it for step in (*matches, *neighbours, partly) for it in step.params])
        many, total, ids = cursor.fetchone()
    return Best(ids, DEEPEST if many else total, many or total == DEEPEST)


@dataclass(frozen=True, slots=True)
class _Step:
    """A part of the statement, run only where those before it found too little."""

    name: str
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, name: str, rows: Any, condition: str = "TRUE") -> "_Step":
        sql, params = rows.query.sql_with_params()
        return cls(name, f"SELECT * FROM ({sql}) AS rows WHERE {condition}", params)


def _matches(
    papers: PaperQuerySet, words: Words, enough: int, exact: int
) -> tuple[list[_Step], str]:
    """All matches where they are few, else tier by tier until there are enough; and the SQL that
    says whether they were many."""
    if not words.all:
        none = "SELECT 0 AS id, 0.0 AS hotness, 0.0 AS rank WHERE FALSE"
        return [_Step("matches", none, ())], "FALSE"
    matching = papers.filter(found_by__search__meets=literal(words.all))
    rank = Func(
        F("found_by__search"),
        literal(words.all),
        function="ts_rank_cd",
        output_field=FloatField(),
    )
    ranked = matching.annotate(rank=rank).values("id", "hotness", "rank")
    steps, many = [], "TRUE"
    if estimate(matching) <= exact:
        steps = [_Step.of("matches", ranked[: exact + 1])]
        many = f"(SELECT count(*) FROM matches) > {exact}"
    found: list[str] = []
    for tier in range(TIERS, 0, -1):
        marked = ranked.filter(found_by__search__meets=literal(words.of_tier(tier)))
        condition = " AND ".join([many, *_fewer(found, enough)])
        steps.append(_Step.of(f"tier{tier}", marked[:MOST_OF_A_TIER], condition))
        found.append(f"tier{tier}")
    condition = " AND ".join([many, *_fewer(found, enough)])
    return [*steps, _Step.of("rest", ranked[:REST], condition)], many


def _fewer(names: list[str], enough: int) -> list[str]:
    counts = " + ".join(f"(SELECT count(*) FROM {name})" for name in names)
    return [f"{counts} < {enough}"] if names else []


def _partly(papers: PaperQuerySet, words: Words) -> _Step:
    """Papers that hold two or three of the rarest words, the rarer the more they weigh."""
    if len(words.plain) < 3:
        return NO_PART
    weights = dict(sorted(_weights(words.plain).items(), key=lambda it: -it[1])[:RAREST])
    if words.strict:
        papers = papers.filter(found_by__search__meets=literal(words.strict))
    for together in (2, 3):
        sets = [" & ".join(f"({it})" for it in some) for some in combinations(weights, together)]
        holding = papers.filter(
            found_by__search__meets=literal(" | ".join(f"({it})" for it in sets))
        )
        if len(weights) == 3 or estimate(holding) <= EXACT:
            break
    # Unpacked once, as each word looks into it.
    entry = Func(
        F("found_by__search"),
        RawSQL("'{a,b,c}'", []),
        function="ts_filter",
        output_field=SearchVectorField(),
    )
    sql, params = (
        holding.annotate(entry=entry).values("id", "entry")[:EXACT].query.sql_with_params()
    )
    weight = " + ".join([f"{it} * {SATURATED}" for it in weights.values()])
    condition = f"(SELECT count(*) FROM by_words) <= {FEW}"
    return _Step(
        "partly",
        f"SELECT id, {weight} AS weight FROM ({sql}) AS rows WHERE {condition}",
        (*(it for word in weights for it in (word, word)), *params),
    )


NO_PART = _Step("partly", "SELECT 0 AS id, 0.0 AS weight WHERE FALSE", ())
# The second time in a text a word says less than the first.
SATURATED = "(ts_rank_cd(entry, %s::tsquery) / (ts_rank_cd(entry, %s::tsquery) + 0.4))"


def _weights(words: Iterable[str]) -> dict[str, float]:
    """How rare each word is, as the planner thinks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'papers_papersearch'")
        every = max(1.0, cursor.fetchone()[0])
    holding = "SELECT 1 FROM papers_papersearch WHERE search @@ %s::tsquery"
    return {word: log(1 + every / (1 + _planned_rows(holding, [word]))) for word in words}


def _neighbours(
    papers: PaperQuerySet, words: Words, vector: "np.ndarray | None", compared: int
) -> list[_Step]:
    """The nearest of all papers and of them those behind the filters; of few, these alone."""
    if vector is None:
        return [_Step("neighbours", "SELECT 0 AS id, 0.0 AS distance WHERE FALSE", ())]
    if words.strict:
        papers = papers.filter(found_by__search__meets=literal(words.strict))
    embedded = papers.filter(embedding__vector__isnull=False)
    near = embedded.annotate(distance=_scanned(CosineDistance("embedding__vector", vector)))
    in_full = near.order_by("distance").values("id", "distance")[:NEAREST]
    meanings: QuerySet[Any] = PaperEmbedding.objects.filter(vector__isnull=False)
    every = estimate(meanings)
    if estimate(embedded) <= every * LITTLE:
        return [_Step.of("in_full", in_full)]
    distance = CosineDistance("vector", vector)
    meanings = meanings.annotate(
        id=F("pk"), distance=_scanned(distance) if every <= compared else distance
    )
    nearest = meanings.order_by("distance").values("id", "distance")[:NEAREST_OF_ALL]
    sql, params = nearest.query.sql_with_params()
    filters, of_filters = papers.order_by().values("pk").query.sql_with_params()
    among = _Step(
        "among",
        f"SELECT * FROM ({sql}) AS nearest WHERE id IN ({filters})"
        f" ORDER BY distance LIMIT {NEAREST}",
        (*params, *of_filters),
    )
    return [among, _Step.of("in_full", in_full, _fewer(["among"], NEAREST)[0])]


def _scanned(distance: CosineDistance) -> CombinedExpression:
    """Not the bare distance, or the index would serve it."""
    return distance + 0.0


def estimate(rows: "QuerySet[Any]") -> int:
    return _planned_rows(*rows.order_by().values("pk").query.sql_with_params())


def _planned_rows(sql: str, params: Sequence[Any]) -> int:
    """How many rows the planner expects; asking costs a third of a millisecond."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        rows: int = cursor.fetchone()[0][0]["Plan"]["Plan Rows"]
        return rows


def literal(words: str) -> RawSQL:
    return RawSQL("%s::tsquery", [words], output_field=SearchQueryField())


def _listed(steps: list[_Step]) -> str:
    return ", ".join(f"{step.name} AS MATERIALIZED ({step.sql})" for step in steps)


def _union(steps: list[_Step]) -> str:
    return " UNION ".join(f"SELECT * FROM {step.name}" for step in steps)
