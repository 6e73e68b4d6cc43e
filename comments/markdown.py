"""Markdown with formulas, as readers write it in comments: as safe HTML, and as plain text.

CommonMark by markdown-it-py, without HTML, images and headings. Formulas and bare addresses are
taken out first and drawn as those of abstracts are (papers/text), so that Markdown does not read
the `_` of a formula as emphasis.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from papers.text.characters import INVISIBLE
from papers.text.spans import PLACEHOLDER, Span, span_number, take_out_spans

CACHED_TEXTS = 1_000  # drawn again for each reader who is signed in
MAX_FORMULA_CHARS = 5_000  # typeset in one text, as in an abstract
# What Markdown reads itself, and where `$` and `http` are what they are.
FENCED_CODE = r"^ {0,3}(?P<fence>```|~~~).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
CODE = r"(?<!`)(?P<ticks>`++).+?(?<!`)(?P=ticks)(?!`)"  # no other start in a run: time
LINK_TARGET = r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|<https?://[^<>\s]+>"
LEFT_ALONE = re.compile(f"(?ms){FENCED_CODE}|{CODE}|{LINK_TARGET}")
LINK_SCHEMES = ("http://", "https://", "mailto:")
LINK_ATTRIBUTES = {"rel": "nofollow ugc noopener"}


@lru_cache(maxsize=CACHED_TEXTS)
def html(source: str) -> str:
    """Blocks of HTML; every character of the source that is no markup is escaped."""
    text, spans = _take_out_spans(_clean_lines(source))
    return str(_markdown.render(text, {"spans": spans, "left": MAX_FORMULA_CHARS}))


@lru_cache(maxsize=CACHED_TEXTS)
def plain(source: str) -> str:
    """One line without markup, for lists and emails. Formulas are written as in plain titles."""
    text, spans = _take_out_spans(_clean_lines(source))
    blocks = (
        "".join(_plain_part(token, spans) for token in block.children or [block])
        for block in _markdown.parse(text)
    )
    return " ".join(" ".join(blocks).split())


def _plain_part(token: Token, spans: Sequence[Span]) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.type != "text":
        return _as_written(token.content, spans)  # of code; others have no content
    return PLACEHOLDER.sub(lambda match: spans[span_number(match[0])].plain(), token.content)


def _clean_lines(source: str) -> str:
    """Without control characters, placeholders and tabs; the lines and their spaces stay."""
    return "\n".join(INVISIBLE.sub("", line.expandtabs(4)) for line in source.splitlines())


def _take_out_spans(text: str) -> tuple[str, list[Span]]:
    """Replaces formulas and addresses by placeholder characters."""
    parts: list[str] = []
    spans: list[Span] = []
    end = 0
    for kept in [*LEFT_ALONE.finditer(text), None]:
        outside = text[end : kept.start() if kept else len(text)]
        written, found = take_out_spans(outside)
        parts.append(_renumbered(written, len(spans)))
        spans += found
        if kept:
            parts.append(kept[0])
            end = kept.end()
    return "".join(parts), spans


def _renumbered(text: str, first: int) -> str:
    """Placeholders of a part, whose spans come after `first` others."""
    return PLACEHOLDER.sub(lambda match: chr(ord(match[0]) + first), text)


def _as_written(text: str, spans: Sequence[Span]) -> str:
    """With the source of formulas and addresses in place of their placeholders."""
    return PLACEHOLDER.sub(lambda match: _source(spans[span_number(match[0])]), text)


def _source(span: Span) -> str:
    end = span.sign.replace("(", ")").replace("[", "]").replace("begin", "end")
    return f"{span.sign}{span.tex}{end}"


class _Renderer(RendererHTML):
    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        written: str = super().text(tokens, idx, options, env)

        def typeset(match: re.Match[str]) -> str:
            span: Span = env["spans"][span_number(match[0])]
            if span.is_url:  # never a link within a link
                return escape(span.tex) if env.get("is_in_link") else span.html()
            env["left"] -= len(span.tex) + 10
            return span.html() if env["left"] >= 0 else span.html_as_code()

        return PLACEHOLDER.sub(typeset, written)

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        self._put_back(tokens[idx], env)
        return str(super().code_block(tokens, idx, options, env))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        self._put_back(tokens[idx], env)
        return str(super().code_inline(tokens, idx, options, env))

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        self._put_back(tokens[idx], env)
        return str(super().fence(tokens, idx, options, env))

    def _put_back(self, token: Token, env: Any) -> None:
        """Code that LEFT_ALONE does not know, as in a quotation, has its formulas as source."""
        token.content = _as_written(token.content, env["spans"])

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        for name, value in LINK_ATTRIBUTES.items():
            tokens[idx].attrSet(name, value)
        env["is_in_link"] = True
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["is_in_link"] = False
        return self.renderToken(tokens, idx, options, env)


def _is_link(url: str) -> bool:
    return url.lower().startswith(LINK_SCHEMES)


_markdown = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).disable(
    ["image", "heading", "lheading", "html_block", "html_inline", "reference"]
)
_markdown.validateLink = _is_link  # type: ignore[method-assign]
