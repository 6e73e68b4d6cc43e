"""What was searched for, marked in a paper's title and abstract."""

import re
from html import escape

from django.contrib.postgres.search import SearchQueryField
from django.db.models import Func, TextField, Value
from django.db.models.expressions import RawSQL
from django.utils.safestring import SafeString, mark_safe

from papers.models import Paper
from papers.models.paper import PaperQuerySet

START, STOP = "\x02", "\x03"  # no text holds them: ingest leaves controls out
OPTIONS = f"HighlightAll=true, StartSel={START}, StopSel={STOP}"
LEAD = 160  # characters before the first mark, from which on an abstract begins later
SENTENCE_END = re.compile(r"[.!?] ")


def asked_for(papers: PaperQuerySet, words: str) -> PaperQuerySet:
    """With titles and abstracts as PostgreSQL marks them for this tsquery."""
    marked = {f"{part}_marked": _marked(f"{part}_text", words) for part in ("title", "abstract")}
    return papers.annotate(**marked)


def show(paper: Paper) -> None:
    """Let a row draw what is marked; an abstract from the sentence on in which it begins to be.

    Without a mark, and in a title with mathematics, what stands there is what stands anywhere.
    """
    title, abstract = paper.title_marked, paper.abstract_marked
    if START in title and paper.title_html == escape(paper.title_text):
        paper.title_html = _html(title)
    if START in abstract:
        paper.snippet_html = paper.abstract_html = _html(_from_the_first(abstract))


def _marked(name: str, words: str) -> Func:
    english = RawSQL("'pg_catalog.english'::regconfig", [], output_field=TextField())
    query = RawSQL("%s::tsquery", [words], output_field=SearchQueryField())
    return Func(
        english, name, query, Value(OPTIONS), function="ts_headline", output_field=TextField()
    )


def _from_the_first(text: str) -> str:
    first = text.index(START)
    if first < LEAD:
        return text
    ends = [it.end() for it in SENTENCE_END.finditer(text, 0, first)]
    start = (
        ends[-1] if ends and first - ends[-1] < LEAD else text.rfind(" ", 0, first - LEAD // 2) + 1
    )
    return f"… {text[start:]}"


def _html(text: str) -> SafeString:
    marked = escape(text).replace(START, "<mark>").replace(STOP, "</mark>")
    return mark_safe(marked.replace("</mark> <mark>", " "))  # noqa: S308 escaped just above
