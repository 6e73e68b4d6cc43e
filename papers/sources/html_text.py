"""Converts the HTML in feeds to plain text with its links and images, in one pass.

It may be broken in any way: tags that are not closed, quotes that never end.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from papers.sources import clean

MAX_LINKS = 100
MAX_IMAGES = 5

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
SUB_OR_SUPERSCRIPT = re.compile(
    r"<(su[bp])(?:\s[^<>]{0,80})?>([^<>{}\\$]{1,40})</\1>", re.IGNORECASE
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
    source = value[: clean.MAX_FIELD_CHARS]
    if not IS_HTML.search(source):
        return HtmlText(clean.paragraphs(html.unescape(source)))
    source = SUB_OR_SUPERSCRIPT.sub(_as_tex, source)
    pieces: list[str] = []
    links: dict[str, None] = {}
    images: dict[str, None] = {}
    at = 0
    while tag := TAG.search(source, at):
        pieces.append(WHITE_SPACE.sub(" ", source[at : tag.start()]))
        at = tag.end()
        name = (tag["name"] or "").lower()
        pieces.append(_space_for(name))
        if tag["end"] or not name:
            continue
        if name in SKIPPED_ELEMENTS and not tag["rest"].endswith("/"):
            close = re.compile(rf"</{name}\b", re.IGNORECASE).search(source, at)
            at = close.start() if close else len(source)
        elif name == "a" and len(links) < MAX_LINKS:
            links[absolute_url(_attributes(tag["rest"]).get("href"), base)] = None
        elif name == "img" and len(images) < MAX_IMAGES:
            images[_image_url(_attributes(tag["rest"]), base)] = None
    pieces.append(WHITE_SPACE.sub(" ", source[at:]))
    text = clean.paragraphs(html.unescape("".join(pieces)))
    return HtmlText(text, tuple(filter(None, links)), tuple(filter(None, images)))


def line(value: object) -> str:
    """The text of a title."""
    return clean.line(read(value).text)


def absolute_url(url: object, base: str = "") -> str:
    """A clean URL from one that may be relative to `base`, the page it stands on."""
    try:
        return clean.url(urljoin(base, clean.line(url))) if clean.line(url) else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""


def _space_for(name: str) -> str:
    if name in BLOCK_ELEMENTS:
        return "\n\n"
    return {"br": "\n", "td": " ", "th": " ", "img": " "}.get(name, "")


def _as_tex(match: re.Match[str]) -> str:
    """`x<sup>2</sup>` as `x^{2}`, which is how papers.text reads it."""
    return f"{'^' if match[1].lower() == 'sup' else '_'}{{{match[2].strip()}}}"


def _attributes(rest: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(rest):
        value = match["double"] or match["single"] or match["bare"] or ""
        attributes.setdefault(match["name"].lower(), html.unescape(value))
    return attributes


def _image_url(attributes: dict[str, str], base: str) -> str:
    """Its address, unless it is a tracking pixel."""
    is_pixel = {attributes.get("width"), attributes.get("height")} & {"0", "1"}
    return "" if is_pixel else absolute_url(attributes.get("src"), base)
