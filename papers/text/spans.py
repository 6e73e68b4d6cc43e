"""Formulas and web addresses within a text: taken out, so that the rest can be read as prose."""

import re
from dataclasses import dataclass
from html import escape

from papers.text.characters import FIRST_PLACEHOLDER, LAST_PLACEHOLDER
from papers.text.tex import escaped, formula, is_safe

MAX_FORMULA_CHARS = 1_000
_RANGE = f"{chr(FIRST_PLACEHOLDER)}-{chr(LAST_PLACEHOLDER)}"
PLACEHOLDER = re.compile(f"[{_RANGE}]")
PLACEHOLDER_OR_TEXT = re.compile(f"[{_RANGE}]|[^{_RANGE}]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A formula, or an address."""

    tex: str
    is_url: bool = False
    is_display: bool = False

    def plain(self) -> str:
        return self.tex if self.is_url else formula(self.tex)

    def html(self) -> str:
        if self.is_url:
            url = escape(self.tex)
            return f'<a href="{url}" rel="noopener nofollow ugc">{url}</a>'
        from papers.text import mathml  # here, as its import takes 50 ms, which parsers never need

        return mathml.from_tex(self.tex, is_display=self.is_display) or self.html_as_code()

    def as_tex(self) -> str:
        if self.is_url or not is_safe(self.tex):
            return escaped(self.plain())
        return f"${self.tex}$"

    def html_as_code(self) -> str:
        return f'<code class="tex">{escape(self.tex)}</code>'


MARK = re.compile(
    r"\\[()\[\]]|\\\\|\\\$|\$\$?"
    r"|\\(?:begin|end)\{(?:equation|align|gather|multline|eqnarray|displaymath|math)\*?\}"
    r'|(?P<url>(?i:https?)://\w(?:[^\s<>"{}|\\^`$]|\\[_%#&~]){0,1000})'
    r"(?P<this>\{this https? URL\})?"
)


def take_out_spans(text: str) -> tuple[str, list[Span]]:
    """Replaces each formula and address by a placeholder character.

    Goes through the text once, whatever stands unclosed.
    """
    parts: list[str] = []
    spans: list[Span] = []
    done = 0
    opened: re.Match[str] | None = None

    def put(start: int, end: int, span: Span) -> None:
        nonlocal done
        parts.extend((text[done:start], chr(FIRST_PLACEHOLDER + len(spans))))
        spans.append(span)
        done = end

    for mark in MARK.finditer(text):
        sign = mark[0]
        if mark["url"]:
            if opened and text[mark.start() - 1] == "{":
                continue  # $\href{https://…}{…}$
            url = _without_trailing_punctuation(mark["url"])
            end = mark.end() if url == mark["url"] else mark.start() + len(url)
            put(mark.start(), end, Span(re.sub(r"\\(?=[_%#&~])", "", url), is_url=True))
            opened = None
        elif opened and _closes(sign, opened[0]):
            tex = text[opened.end() : mark.start()]
            end = mark.end()
            if opened[0] == "$":
                end = mark.start() + 1  # $a$$b$ closes one and opens another
            if _is_math(tex, opened[0], followed_by=text[end : end + 1]):
                put(opened.start(), end, Span(tex.strip(), is_display=opened[0] not in INLINE))
                opened = MARK.match(text, end) if end < mark.end() else None
            else:
                opened = mark if sign in ("$", "$$") else None
        elif sign in CLOSED_BY or sign.startswith("\\begin"):
            is_inside = opened and opened[0] == "$$" and sign == "$"
            opened = opened if is_inside else mark
    parts.append(text[done:])
    return "".join(parts), spans


CLOSED_BY = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
INLINE = ("$", "\\(", "\\begin{math}")


def _closes(sign: str, opened: str) -> bool:
    return sign == CLOSED_BY.get(opened, opened.replace("begin", "end")) or sign == opened + "$"


MONEY = re.compile(r"[0-9][^\\^_{}=<>+]*")
SENTENCE = re.compile(r"\b[A-Za-z]{2,}[,;]? [A-Za-z]{2,}\b")


def _is_math(tex: str, sign: str, followed_by: str) -> bool:
    """A dollar is often money: `$5 and $10` is no formula, `$3160 \\pm 160$` is one."""
    if not tex.strip() or len(tex) > MAX_FORMULA_CHARS:
        return False
    if sign != "$" or "\\" in tex:
        return True
    is_money = MONEY.fullmatch(tex) and (tex[-1] in " (" or followed_by.isdigit())
    return not is_money and not SENTENCE.search(tex)


def _without_trailing_punctuation(url: str) -> str:
    while url[-1] in ".,;:!?'*" or (
        url[-1] in ")]" and (url.count(")") > url.count("(") or url.count("]") > url.count("["))
    ):
        url = url[:-1]
    return url


def span_number(placeholder: str) -> int:
    """Which span this placeholder character stands for."""
    return ord(placeholder) - FIRST_PLACEHOLDER
