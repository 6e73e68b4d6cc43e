"""What authors write, half of it TeX: made plain text, safe HTML with MathML, or tame TeX again."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from papers.text.tex import escaped, formula, is_tame, prose

LONGEST = 8_000  # characters read as TeX; what is longer is only folded and escaped
LONGEST_MATH = 1_000
MATH_BUDGET = 5_000  # characters of math typeset in one text; 34,000 papers have at most 938
CACHED = 8_192  # only sources up to this length are remembered


def plain(source: str, *, paragraphs: bool = False) -> str:
    """Readable text on one line, or with a blank line between paragraphs."""
    if paragraphs:
        return "\n\n".join(filter(None, map(plain, PARAGRAPH.split(source))))
    text = _clean(source)
    if len(text) > LONGEST or not any(sign in text for sign in TEX_SIGNS):
        return text
    text, spans = _set_aside(_unescape(text))
    return _fold(SET_ASIDE.sub(lambda it: spans[ord(it[0]) - FIRST].plain(), prose(text)))


def html(source: str) -> str:
    """One line of HTML, all of it escaped but our own MathML and links."""
    text = _clean(source)
    if len(text) > LONGEST or not any(sign in text for sign in (*TEX_SIGNS, "://")):
        return escape(text)
    return _typeset(text) if len(text) <= CACHED else _typeset.__wrapped__(text)


def paragraphs_html(source: str) -> str:
    """An abstract: html() of each of its paragraphs, in <p>."""
    parts = PARAGRAPH.split(source) if len(source) <= LONGEST else [source]
    return "".join(f"<p>{part}</p>" for part in map(html, parts) if part)


def tex(source: str) -> str:
    """For a bibliography: formulas as they were written, and all the rest escaped.

    Only what is known to draw something stays TeX: nobody compiles a stranger's `\\input`.
    """
    text = _clean(source)
    if len(text) > LONGEST or not any(sign in text for sign in TEX_SIGNS):
        return escaped(text)
    text, spans = _set_aside(_unescape(text))
    parts = SPAN_OR_TEXT.findall(_fold(prose(text)))
    return "".join(
        spans[ord(part) - FIRST].as_tex() if SET_ASIDE.fullmatch(part) else escaped(part)
        for part in parts
    )


@lru_cache(maxsize=10_000)
def _typeset(text: str) -> str:
    text, spans = _set_aside(_unescape(text))
    budget = MATH_BUDGET

    def typeset(it: re.Match[str]) -> str:
        nonlocal budget
        span = spans[ord(it[0]) - FIRST]
        budget -= 0 if span.is_url else len(span.tex) + 10
        return span.html() if budget >= 0 else span.html_as_code()

    return SET_ASIDE.sub(typeset, escape(_fold(prose(text))))


# White space, characters that nobody should see, and escapes.

TEX_SIGNS = ("\\", "$", "{", "~", "`", "--")
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*|(?<=[.!?:;])\n[ \t]{2,}")  # arXiv indents paragraphs
FIRST, LAST = 0xF0000, 0xFFFFD  # private characters, standing for what _set_aside took out
SET_ASIDE = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]")
SPAN_OR_TEXT = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]|[^{chr(FIRST)}-{chr(LAST)}]+")
# Controls, bidirectional overrides, halves of surrogate pairs, what XML forbids, and our own.
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
    f"{chr(FIRST)}-{chr(LAST)}]"
)
WORD = re.compile(r" ?[^ ]{1,100}")


def _clean(source: str) -> str:
    text = _fold(source)
    if not text.isprintable():
        text = _fold(UNSEEN.sub("", text))
    if text.isascii():
        return text
    # Word by word, as a long run of combining marks takes normalize() quadratic time.
    return "".join(unicodedata.normalize("NFC", word) for word in WORD.findall(text))


def _fold(text: str) -> str:
    return " ".join(text.split())


ESCAPED = re.compile(r'\\(\\|"|n(?= ))')
QUOTED = re.compile(r'(?<![\w\\])\\"(\w[^"\\]{0,200})\\"(?![\w{])|(?<=[0-9])\\"(?=[ ,.;)])')


def _unescape(text: str) -> str:
    """Undo the escapes of arXiv's internal form, and quotation marks: `\\"o` is an accent."""
    if "\\\\" in text and "\\" not in ESCAPED.sub("", text):
        return ESCAPED.sub(lambda it: " " if it[1] == "n" else it[1], text)
    if '\\"' in text:
        text = QUOTED.sub(lambda it: it[0].replace("\\", ""), text)
    return text.replace(".\\n ", ". ")


# Math and addresses are set aside, so that the rest can be read as prose.


@dataclass(frozen=True, slots=True)
class _Span:
    tex: str
    is_url: bool = False
    is_display: bool = False

    def plain(self) -> str:
        return self.tex if self.is_url else formula(self.tex)

    def html(self) -> str:
        if self.is_url:
            url = escape(self.tex)
            return f'<a href="{url}" rel="noopener nofollow ugc">{url}</a>'
        from papers.text import mathml  # which costs every process that only parses 50 ms

        return mathml.from_tex(self.tex, is_display=self.is_display) or self.html_as_code()

    def as_tex(self) -> str:
        if self.is_url or not is_tame(self.tex):
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


def _set_aside(text: str) -> tuple[str, list[_Span]]:
    """Swap each span for one private character; one pass, whatever stands unclosed."""
    parts: list[str] = []
    spans: list[_Span] = []
    done = 0
    opened: re.Match[str] | None = None

    def put(start: int, end: int, span: _Span) -> None:
        nonlocal done
        parts.extend((text[done:start], chr(FIRST + len(spans))))
        spans.append(span)
        done = end

    for mark in MARK.finditer(text):
        sign = mark[0]
        if mark["url"]:
            if opened and text[mark.start() - 1] == "{":
                continue  # $\href{https://…}{…}$
            url = _without_trailing_punctuation(mark["url"])
            end = mark.end() if url == mark["url"] else mark.start() + len(url)
            put(mark.start(), end, _Span(re.sub(r"\\(?=[_%#&~])", "", url), is_url=True))
            opened = None
        elif opened and _closes(sign, opened[0]):
            tex = text[opened.end() : mark.start()]
            end = mark.end()
            if opened[0] == "$":
                end = mark.start() + 1  # $a$$b$ closes one and opens another
            if _is_math(tex, opened[0], followed_by=text[end : end + 1]):
                put(opened.start(), end, _Span(tex.strip(), is_display=opened[0] not in INLINE))
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


AMOUNT = re.compile(r"[0-9][^\\^_{}=<>+]*")
SENTENCE = re.compile(r"\b[A-Za-z]{2,}[,;]? [A-Za-z]{2,}\b")


def _is_math(tex: str, sign: str, followed_by: str) -> bool:
    """A dollar is often money: `$5 and $10` is no formula, `$3160 \\pm 160$` is one."""
    if not tex.strip() or len(tex) > LONGEST_MATH:
        return False
    if sign != "$" or "\\" in tex:
        return True
    is_amount = AMOUNT.fullmatch(tex) and (tex[-1] in " (" or followed_by.isdigit())
    return not is_amount and not SENTENCE.search(tex)


def _without_trailing_punctuation(url: str) -> str:
    while url[-1] in ".,;:!?'*" or (
        url[-1] in ")]" and (url.count(")") > url.count("(") or url.count("]") > url.count("["))
    ):
        url = url[:-1]
    return url
