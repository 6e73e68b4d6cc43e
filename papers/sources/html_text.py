"""Converts the HTML in feeds to plain text with its links and images, in one pass.

It may be broken in any way: tags that are not closed, quotes that never end. Scripts and MathML
become TeX, which papers.text reads: `x<sup>2</sup>` is `x^{2}`, a `<math>` stands in dollars.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from papers.sources import clean, mathml_to_tex

MAX_LINKS = 100
MAX_IMAGES = 5
MAX_SCRIPT_CHARS = 80  # of a subscript or superscript; longer ones are text
MAX_OPEN_SCRIPTS = 5
MAX_TIMES_ESCAPED = 3  # how often a text may have been escaped and still be read

SKIPPED_ELEMENTS = frozenset(
    ["script", "style", "svg", "annotation", "annotation-xml", "template", "iframe", "object"]
)
BLOCK_ELEMENTS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl"),
        *("dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
        *("jats:p", "jats:sec", "jats:title"),
    ]
)
INLINE_ELEMENTS = frozenset(
    [
        *("a", "abbr", "audio", "b", "bdi", "bdo", "big", "br", "button", "cite", "code", "data"),
        *("del", "dfn", "em", "embed", "font", "frame", "i", "img", "input", "ins", "kbd"),
        *("label", "link", "mark", "math", "meta", "noscript", "param", "picture", "q", "rp"),
        *("rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup"),
        *("td", "textarea", "th", "time", "tt", "u", "var", "video", "wbr"),
    ]
)
# A title or an abstract is HTML if any of these is in it; `<think>` and `a <b and c> d` are text.
IS_HTML = re.compile(
    rf"</?(?:[a-z]+:[a-z]+|{'|'.join(sorted(BLOCK_ELEMENTS | INLINE_ELEMENTS | SKIPPED_ELEMENTS))})"
    r"(?:\s[^<>=]*=[^<>]*)?\s?/?>",
    re.IGNORECASE,
)
# As browsers do: only a quote after "=" hides a ">", and what is left open ends with the text.
TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*(?:>|\Z)|<(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*)"
    r"(?P<rest>(?:=\s{0,9}\"[^\"]*(?:\"|\Z)|=\s{0,9}'[^']*(?:'|\Z)|[^>])*)(?:>|\Z)",
    re.DOTALL,
)
ATTRIBUTE = re.compile(
    r"(?:^|(?<=[\s\"'/]))(?P<name>href|src|width|height)\s{0,9}=\s{0,9}"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))",
    re.IGNORECASE,
)
MATH_END = re.compile(r"</(?:[\w.-]{1,40}:)?math\b[^<>]*>", re.IGNORECASE)
PLAIN_NUMBER = re.compile(r"[0-9.,+\-−×=<> ]*")
# Text that still has markup of letters, or a character reference, was escaped twice.
STILL_ESCAPED = re.compile(
    r"<(?P<name>i|b|em|strong|sub|sup|u|small|tt|span|p|(?:[a-z]{1,9}:)?math)(?:\s[^<>]{0,200})?>"
    r"[^<>]{0,400}(?:<[^<>]{0,200}>[^<>]{0,400}){0,9}</(?P=name)>"
    r"|&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text of a piece of HTML, and the addresses in it."""

    text: str  # paragraphs, an empty line between them
    links: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


def read(value: object, base: str = "") -> HtmlText:
    """The text of HTML or of plain text; entities are resolved, addresses made absolute."""
    if not isinstance(value, str):
        return HtmlText("")
    found = _Reader(base).read(value[: clean.MAX_FIELD_CHARS])
    for _ in range(MAX_TIMES_ESCAPED - 1):
        if not STILL_ESCAPED.search(found.text):
            break
        parts = [_Reader(base).read(paragraph) for paragraph in found.text.split("\n\n")]
        found = HtmlText(
            "\n\n".join(part.text for part in parts if part.text),
            found.links + tuple(link for part in parts for link in part.links),
            found.images + tuple(image for part in parts for image in part.images),
        )
    return found


def line(value: object) -> str:
    """The text of a title."""
    return clean.line(read(value).text)


def absolute_url(url: object, base: str = "") -> str:
    """A clean URL from one that may be relative to `base`, the page it stands on."""
    try:
        return clean.url(urljoin(base, clean.line(url))) if clean.line(url) else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""


class _Reader:
    """Goes through the tags once, and collects text, addresses, and scripts that are open."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.pieces: list[str] = []
        self.links: dict[str, None] = {}
        self.images: dict[str, None] = {}
        self.open_scripts: list[tuple[str, int]] = []  # name, and where in the pieces it begins

    def read(self, source: str) -> HtmlText:
        if not IS_HTML.search(source):
            return HtmlText(clean.paragraphs(html.unescape(source)))
        at = 0
        while tag := TAG.search(source, at):
            self._add_text(source[at : tag.start()])
            at = self._add_element(tag, source)
        self._add_text(source[at:])
        text = clean.paragraphs("".join(self.pieces))
        return HtmlText(text, tuple(filter(None, self.links)), tuple(filter(None, self.images)))

    def _add_text(self, source: str) -> None:
        self.pieces.append(html.unescape(WHITE_SPACE.sub(" ", source)))

    def _add_element(self, tag: re.Match[str], source: str) -> int:
        """Adds what a tag stands for; returns where in the source to go on."""
        name, rest = (tag["name"] or "").lower(), tag["rest"] or ""
        self.pieces.append(_space_for(name))
        if name in ("sub", "sup"):
            self._add_script(name, bool(tag["end"]))
        elif tag["end"] or not name:
            pass
        elif name.rpartition(":")[2] == "math":
            end = MATH_END.search(source, tag.end())
            self._add_math(source[tag.start() : end.end() if end else len(source)], rest)
            return end.end() if end else len(source)
        elif name in SKIPPED_ELEMENTS and not rest.endswith("/"):
            close = re.compile(rf"</{name}\b", re.IGNORECASE).search(source, tag.end())
            return close.start() if close else len(source)
        elif name == "a" and len(self.links) < MAX_LINKS:
            self.links[absolute_url(attributes(rest).get("href"), self.base)] = None
        elif name == "img" and len(self.images) < MAX_IMAGES:
            self.images[_image_url(attributes(rest), self.base)] = None
        return tag.end()

    def _add_script(self, name: str, is_end: bool) -> None:
        if not is_end:
            if len(self.open_scripts) < MAX_OPEN_SCRIPTS:
                self.open_scripts.append((name, len(self.pieces)))
        elif self.open_scripts and self.open_scripts[-1][0] == name:
            start = self.open_scripts.pop()[1]
            inside = "".join(self.pieces[start:]).strip()
            self.pieces[start:] = [_script("^" if name == "sup" else "_", inside)]

    def _add_math(self, mathml: str, attributes: str) -> None:
        tex = mathml_to_tex.tex(mathml)
        if not tex:
            self.pieces.append(WHITE_SPACE.sub(" ", html.unescape(TAG.sub("", mathml))))
        elif PLAIN_NUMBER.fullmatch(tex):
            self.pieces.append(tex)
        else:
            dollars = "$$" if DISPLAY_BLOCK.search(attributes) else "$"
            self.pieces.append(f"{dollars}{tex}{dollars}")


DISPLAY_BLOCK = re.compile(r"\bdisplay\s?=\s?[\"']?block", re.IGNORECASE)


def _script(sign: str, inside: str) -> str:
    """`^{2}`; TeX within loses its dollars, and what cannot be a script stays text."""
    inside = inside.replace("$", "")
    is_script = inside and len(inside) <= MAX_SCRIPT_CHARS and "\n" not in inside
    if not is_script or inside.count("{") != inside.count("}") or inside.endswith("\\"):
        return inside
    return f"{sign}{{{inside}}}"


def _space_for(name: str) -> str:
    if name in BLOCK_ELEMENTS:
        return "\n\n"
    return {"br": "\n", "td": " ", "th": " ", "img": " "}.get(name, "")


def attributes(rest: str) -> dict[str, str]:
    """The attributes of a tag that are addresses or sizes, from what follows its name."""
    found: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(rest):
        value = match["double"] or match["single"] or match["bare"] or ""
        found.setdefault(match["name"].lower(), html.unescape(value))
    return found


def _image_url(attributes: dict[str, str], base: str) -> str:
    """Its address, unless it is a tracking pixel."""
    is_pixel = {attributes.get("width"), attributes.get("height")} & {"0", "1"}
    return "" if is_pixel else absolute_url(attributes.get("src"), base)
