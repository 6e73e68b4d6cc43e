"""Formulas and web addresses within a text: taken out, so that the rest can be read as prose."""

import re
from dataclasses import dataclass
from html import escape

from papers.text import bare_scripts
from papers.text.characters import FIRST_PLACEHOLDER, LAST_PLACEHOLDER
from papers.text.known_macros import TEXT_GROUP, in_known_macros
from papers.text.tex import escaped, formula, is_safe

MAX_FORMULA_CHARS = 1_000
_RANGE = f"{chr(FIRST_PLACEHOLDER)}-{chr(LAST_PLACEHOLDER)}"
PLACEHOLDER = re.compile(f"[{_RANGE}]")
PLACEHOLDER_OR_TEXT = re.compile(f"[{_RANGE}]|[^{_RANGE}]+")


@dataclass(frozen=True, slots=True)
class Span:
    """A formula, or an address."""

    tex: str
    sign: str = "$"  # what it began with; empty for an address

    @property
    def is_url(self) -> bool:
        return not self.sign

    def plain(self) -> str:
        return self.tex if self.is_url else formula(in_known_macros(self.tex))

    def html(self, *, is_alone: bool = False) -> str:
        """As MathML or a link; a block where it stands alone, or TeX always sets one."""
        if self.is_url:
            url = escape(self.tex)
            return f'<a href="{url}" rel="noopener nofollow ugc">{url}</a>'
        from papers.text import mathml  # here, as its import takes 50 ms, which parsers never need

        has_rows = self.sign not in INLINE
        written = mathml.from_tex(self.tex, has_rows=has_rows, is_block=has_rows and is_alone)
        return self.html_as_code() if written is None else written

    def as_tex(self) -> str:
        tex = self.tex if self.is_url else in_known_macros(self.tex)
        if self.is_url or not is_safe(tex):
            return escaped(self.plain())
        return f"${NOT_ASCII.sub(lambda match: escaped(match[0]), tex)}$"

    def html_as_code(self) -> str:
        return f'<code class="tex">{escape(self.tex)}</code>'


NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_FORMULA_OR_URL = (
    r"\\[()\[\]]|\\\\|\\\$|\$\$?"
    r"|\\(?:begin|end)\{(?:equation|align|gather|multline|eqnarray|displaymath|math)\*?\}"
    r'|(?P<url>(?i:https?)://\w(?:[^\s<>"{}|\\^`$]|\\[_%#&~]){0,1000})'
    r"(?P<this>\{this https? URL\})?"
    rf"|(?P<words>{TEXT_GROUP})"
)
MARK = re.compile(_FORMULA_OR_URL)
MARK_OR_SCRIPT = re.compile(f"{_FORMULA_OR_URL}|{bare_scripts.PATTERN}")


class _Scanner:
    """Goes through a text once, whatever stands unclosed, and collects its spans."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.spans: list[Span] = []
        self.done = 0  # up to where the parts reach
        self.opened: re.Match[str] | None = None

    def scan(self) -> tuple[str, list[Span]]:
        at = 0
        # Half of the time is saved where no script can be.
        pattern = MARK_OR_SCRIPT if bare_scripts.SIGN.search(self.text) else MARK
        while mark := pattern.search(self.text, at):
            at = self._take(mark)
        self.parts.append(self.text[self.done :])
        return "".join(self.parts), self.spans

    def _take(self, mark: re.Match[str]) -> int:
        """Handles a mark; returns where to search for the next one."""
        sign, opened = mark[0], self.opened
        if mark["words"]:  # \text{if $n$ is odd}: the dollars in it belong to the formula around
            return mark.end() if opened else mark.start() + 1
        if mark["url"]:
            if not (opened and self.text[mark.start() - 1] == "{"):  # $\href{https://…}{…}$
                self._put_url(mark)
        elif mark.lastgroup in bare_scripts.GROUPS:
            for start, end, tex in () if opened else bare_scripts.tex_spans(mark):
                self._put(start, end, Span(tex))
        elif opened and _closes(sign, opened[0]):
            return self._close(mark, opened)
        elif sign in CLOSED_BY or sign.startswith("\\begin"):
            is_inside = opened and opened[0] == "$$" and sign == "$"
            self.opened = opened if is_inside else mark
        return mark.end()

    def _put_url(self, mark: re.Match[str]) -> None:
        url = _without_trailing_punctuation(mark["url"])
        end = mark.end() if url == mark["url"] else mark.start() + len(url)
        self._put(mark.start(), end, Span(re.sub(r"\\(?=[_%#&~])", "", url), sign=""))
        self.opened = None

    def _close(self, mark: re.Match[str], opened: re.Match[str]) -> int:
        tex = self.text[opened.end() : mark.start()]
        end = mark.end()
        if opened[0] == "$":
            end = mark.start() + 1  # $a$$b$ closes one and opens another
        if not _is_math(tex, opened[0], followed_by=self.text[end : end + 1]):
            self.opened = mark if mark[0] in ("$", "$$") else None
            return mark.end()
        self._put(opened.start(), end, Span(tex.strip(), opened[0]))
        self.opened = None
        return end

    def _put(self, start: int, end: int, span: Span) -> None:
        self.parts.extend((self.text[self.done : start], chr(FIRST_PLACEHOLDER + len(self.spans))))
        self.spans.append(span)
        self.done = end


def take_out_spans(text: str) -> tuple[str, list[Span]]:
    """Replaces each formula and address by a placeholder character."""
    return _Scanner(text).scan()


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
