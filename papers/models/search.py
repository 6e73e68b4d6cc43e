"""PaperSearch: the full-text index of a paper, and tsqueries over it.

It stands apart from Paper because a vote updates the paper's row, and would write every index of
that row again: 283 votes a second with the search index on it, 1,587 without.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import models
from django.db.models import Func
from django.db.models.expressions import RawSQL

from papers.identifiers import other_spacings
from papers.search_query import Query, Term

WEIGHTS = {"title": ":A", "abstract": ":B", "authors": ":C"}


class PaperSearch(models.Model):
    paper = models.OneToOneField(
        "papers.Paper", models.CASCADE, primary_key=True, related_name="found_by"
    )
    title = models.TextField()
    authors = ArrayField(models.TextField(), default=list)
    abstract = models.TextField(blank=True)
    author_names = ArrayField(models.TextField(), default=list)  # folded, for exact lookups
    search = models.GeneratedField(
        expression=Func("title", "authors", "abstract", function="paper_marked_words"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "search entry"
        verbose_name_plural = "search entries"
        indexes = [
            GinIndex("search", name="paper_words"),
            GinIndex("author_names", name="paper_authors"),
            HashIndex(Func("title", function="paper_fold"), name="paper_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def text(self) -> str:
        """What is embedded for semantic search."""
        return f"{self.title}. {self.abstract}"


@SearchVectorField.register_lookup
class Meets(models.Lookup):
    """`search__meets=tsquery`: matches a tsvector against SQL that is already a tsquery."""

    lookup_name = "meets"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        vector, of_vector = self.process_lhs(compiler, connection)
        query, of_query = self.process_rhs(compiler, connection)
        return f"{vector} @@ {query}", (*of_vector, *of_query)


def tsquery(query: Query, *, plain: bool = True) -> RawSQL:
    """The tsquery of a parsed search; without `plain`, plain words are left to semantic search."""
    wanted = [group for group in query.wanted if plain or not all(term.is_plain for term in group)]
    parts = [_any_of(group) for group in wanted]
    parts += [("!!" + sql, values) for sql, values in map(_term_sql, query.unwanted)]
    sql, values = _join(" && ", parts)
    return RawSQL(sql or "''::tsquery", values, output_field=SearchQueryField())


def _any_of(terms: Iterable[Term]) -> tuple[str, list[str]]:
    return _join(" || ", [_term_sql(term) for term in terms])


def _join(operator: str, parts: list[tuple[str, list[str]]]) -> tuple[str, list[str]]:
    sql = operator.join(sql for sql, _ in parts)
    return f"({sql})" if sql else "", [value for _, values in parts for value in values]


def _term_sql(term: Term) -> tuple[str, list[str]]:
    if term.where == "authors":
        return _or_author("paper_term('simple', %s, ':C')", term.text)
    if term.where or term.phrase:
        return "paper_term('english', %s, %s)", [term.text, WEIGHTS.get(term.where, "")]
    return _or_author("paper_word(%s)", term.text)


def _or_author(sql: str, text: str) -> tuple[str, list[str]]:
    """Also an author who spells it otherwise: Schroedinger, 李 明, or Yann for the initial Y."""
    others = {*_other_umlauts(text), *other_spacings(text)}
    parts = [(sql, [text]), *(("paper_term('simple', %s, ':C')", [it]) for it in sorted(others))]
    if INITIAL.search(text):
        parts.append(("paper_term('simple', %s, ':*C')", [text]))  # words that begin so
    return _join(" || ", parts)


def _other_umlauts(text: str) -> list[str]:
    other = TRANSCRIBED.sub(r"\1", text) if text.isascii() else UMLAUT.sub(r"\g<0>e", text)
    return [other] if other != text else []


INITIAL = re.compile(r"(?<!\w)[^\W\d_]\.")
TRANSCRIBED = re.compile(r"(?<![aeiouq])([aou])e", re.IGNORECASE)  # not in queue, oeuvre
UMLAUT = re.compile("[äöü]", re.IGNORECASE)  # PostgreSQL's unaccent drops the dots then
