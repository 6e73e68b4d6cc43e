"""Hit highlighting: marks the words of a search in a paper's title and abstract."""

import re
from html import escape

from django.contrib.postgres.search import SearchQueryField
from django.db.models import Func, TextField, Value
from django.db.models.expressions import RawSQL
from django.utils.safestring import SafeString, mark_safe

from papers.models import Paper
from papers.models.paper_queries import PaperQuerySet

START, STOP = "\x02", "\x03"  # in no text: ingest drops control characters
OPTIONS = f"HighlightAll=true, StartSel={START}, StopSel={STOP}"
MAX_CHARS_BEFORE_HIT = 160  # with more, the abstract is shown from a later sentence on
SENTENCE_END = re.compile(r"[.!?] ")


def with_headlines(papers: PaperQuerySet, tsquery: str) -> PaperQuerySet:
    """Annotates `title_marked` and `abstract_marked`: texts with hits between START and STOP."""
    headlines = {f"{part}_marked": f"{part}_text" for part in ("title", "abstract")}
    return papers.annotate(**{name: _headline(field, tsquery) for name, field in headlines.items()})


def apply(paper: Paper) -> None:
    """Puts the marked texts in place of a row's title and abstract.

    The abstract begins with the sentence of its first hit. A text without a hit, and a title with
    mathematics, stay as they are.
    """
    title, abstract = paper.title_marked, paper.abstract_marked
    if START in title and paper.title_html == escape(paper.title_text):
        paper.title_html = _html(title)
    if START in abstract:
        paper.snippet_html = paper.abstract_html = _html(_from_first_hit(abstract))


def _headline(field: str, tsquery: str) -> Func:
    english = RawSQL("'pg_catalog.english'::regconfig", [], output_field=TextField())
    query = RawSQL("%s::tsquery", [tsquery], output_field=SearchQueryField())
    return Func(
        english, field, query, Value(OPTIONS), function="ts_headline", output_field=TextField()
    )


def _from_first_hit(text: str) -> str:
    first = text.index(START)
    if first < MAX_CHARS_BEFORE_HIT:
        return text
    sentence_ends = [match.end() for match in SENTENCE_END.finditer(text, 0, first)]
    if sentence_ends and first - sentence_ends[-1] < MAX_CHARS_BEFORE_HIT:
        start = sentence_ends[-1]
    else:
        start = text.rfind(" ", 0, first - MAX_CHARS_BEFORE_HIT // 2) + 1
    return f"… {text[start:]}"


def _html(text: str) -> SafeString:
    marked = escape(text).replace(START, "<mark>").replace(STOP, "</mark>")
    return mark_safe(marked.replace("</mark> <mark>", " "))  # noqa: S308 escaped just above
