"""A search as PostgreSQL's full-text search reads it: one parsed query, as several tsqueries."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQueryField
from django.db import connection
from django.db.models.expressions import RawSQL

from papers.models.search import tsquery
from papers.search_query import Query

LEXEME = re.compile(r"(?P<lexeme>'(?:[^']|'')*')(?::[*A-D]+)?|<(?:-|\d+)>")


@dataclass(frozen=True, slots=True)
class TsQueries:
    """The tsqueries of one search, as text. Empty where only stop words are left."""

    all: str = ""
    without_plain_words: str = ""  # what must match even where a paper is found by its meaning
    wanted: str = ""  # without the excluded terms
    plain_words: tuple[str, ...] = ()  # one for each word without quotes or field

    @classmethod
    def from_query(cls, query: Query) -> "TsQueries":
        plain = [group for group in query.wanted if all(term.is_plain for term in group)]
        parts = [tsquery(query), tsquery(query, plain=False), tsquery(Query(wanted=query.wanted))]
        parts += [tsquery(Query(wanted=[group])) for group in plain]
        texts = ", ".join(f"({part.sql})::text" for part in parts)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {texts}", [value for part in parts for value in part.params])
            everything, without_plain, wanted, *words = cursor.fetchone()
        return cls(everything, without_plain, wanted, tuple(dict.fromkeys(filter(None, words))))

    def in_tier(self, tier: int) -> str:
        """The tsquery of a tier's markers: `'graph' <-> 'neural'` is `'graph~2' & 'neural~2'`."""

        def marker(match: re.Match[str]) -> str:
            return f"{match['lexeme'][:-1]}~{tier}'" if match["lexeme"] else "&"

        return LEXEME.sub(marker, self.wanted)


def as_tsquery(text: str) -> RawSQL:
    return RawSQL("%s::tsquery", [text], output_field=SearchQueryField())
