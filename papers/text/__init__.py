"""Titles and abstracts, half of which are TeX: as plain text, as safe HTML, as safe TeX."""

import re
from functools import lru_cache
from html import escape

from papers.text.characters import clean, one_line, unescape_internal_form
from papers.text.spans import PLACEHOLDER, PLACEHOLDER_OR_TEXT, span_number, take_out_spans
from papers.text.tex import escaped, prose

MAX_TEX_CHARS = 8_000  # of a longer text TeX is not read: it is only cleaned and escaped
MAX_MATH_CHARS = 5_000  # typeset in one text; 34,000 papers have at most 938
MAX_CACHED_CHARS = 8_192
TEX_SIGNS = ("\\", "$", "{", "~", "`", "--", "^", "_")
WORD = re.compile(r"\w")
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*|(?<=[.!?:;])\n[ \t]{2,}")  # arXiv indents paragraphs


def plain(source: str, *, paragraphs: bool = False) -> str:
    """Text without TeX, on one line, or with a blank line between paragraphs."""
    if paragraphs:
        return "\n\n".join(filter(None, map(plain, PARAGRAPH.split(source))))
    text = clean(source)
    if len(text) > MAX_TEX_CHARS or not any(sign in text for sign in TEX_SIGNS):
        return text
    text, spans = take_out_spans(unescape_internal_form(text))
    return one_line(
        PLACEHOLDER.sub(lambda match: spans[span_number(match[0])].plain(), prose(text))
    )


def html(source: str) -> str:
    """One line of HTML; all of it is escaped but the MathML and links made here."""
    return _html(source, is_title=True)


def paragraphs_html(source: str) -> str:
    """An abstract as HTML: each of its paragraphs in <p>."""
    parts = PARAGRAPH.split(source) if len(source) <= MAX_TEX_CHARS else [source]
    written = (_html(part, is_title=False) for part in parts)
    return "".join(f"<p>{part}</p>" for part in written if part)


def tex(source: str) -> str:
    """TeX for a bibliography: formulas as they were written, all the rest escaped.

    Only macros known to draw something stay, so that nobody compiles a stranger's `\\input`.
    """
    text = clean(source)
    if len(text) > MAX_TEX_CHARS or not any(sign in text for sign in TEX_SIGNS):
        return escaped(text)
    text, spans = take_out_spans(unescape_internal_form(text))
    parts = PLACEHOLDER_OR_TEXT.findall(one_line(prose(text)))
    return "".join(
        spans[span_number(part)].as_tex() if PLACEHOLDER.fullmatch(part) else escaped(part)
        for part in parts
    )


def _html(source: str, *, is_title: bool) -> str:
    text = clean(source)
    if len(text) > MAX_TEX_CHARS or not any(sign in text for sign in (*TEX_SIGNS, "://")):
        return escape(text)
    typeset = _typeset if len(text) <= MAX_CACHED_CHARS else _typeset.__wrapped__
    return typeset(text, is_title)


@lru_cache(maxsize=10_000)
def _typeset(text: str, is_title: bool) -> str:
    """Only an abstract has formulas in blocks; `$$` is one if nothing else is in its paragraph."""
    text, spans = take_out_spans(unescape_internal_form(text))
    is_alone = not is_title and len(spans) == 1 and not WORD.search(PLACEHOLDER.sub("", text))
    budget = MAX_MATH_CHARS

    def typeset(match: re.Match[str]) -> str:
        nonlocal budget
        span = spans[span_number(match[0])]
        budget -= 0 if span.is_url else len(span.tex) + 10
        is_block = is_alone or (not is_title and span.sign != "$$")
        return span.html(is_alone=is_block) if budget >= 0 else span.html_as_code()

    return PLACEHOLDER.sub(typeset, escape(one_line(prose(text))))
