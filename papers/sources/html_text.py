"""HTML as sources write it, made into text: one pass, whatever stands unclosed."""

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from papers.sources import clean

MOST_LINKS = 100
MOST_IMAGES = 5

SKIPPED = frozenset(
    ["script", "style", "svg", "annotation", "annotation-xml", "template", "iframe", "object"]
)
BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl"),
        *("dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul"),
        *("jats:p", "jats:sec", "jats:title"),
    ]
)
INLINE = frozenset(
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
    rf"</?(?:[a-z]+:[a-z]+|{'|'.join(sorted(BLOCKS | INLINE | SKIPPED))})"
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
    r"(?:\"(?P<a>[^\"]*)\"|'(?P<b>[^']*)'|(?P<c>[^\s\"'>]+))",
    re.IGNORECASE,
)
SCRIPT = re.compile(r"<(su[bp])(?:\s[^<>]{0,80})?>([^<>{}\\$]{1,40})</\1>", re.IGNORECASE)
SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Markup:
    """What a piece of HTML says, and where it leads."""

    text: str  # paragraphs, an empty line between them
    links: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


def read(value: object, base: str = "") -> Markup:
    """The text of HTML, or of what is none; entities are resolved, addresses made absolute."""
    if not isinstance(value, str):
        return Markup("")
    source = value[: clean.FIELD]
    if not IS_HTML.search(source):
        return Markup(clean.paragraphs(html.unescape(source)))
    source = SCRIPT.sub(_as_tex, source)
    pieces: list[str] = []
    links: dict[str, None] = {}
    images: dict[str, None] = {}
    at = 0
    while tag := TAG.search(source, at):
        pieces.append(SPACE.sub(" ", source[at : tag.start()]))
        at = tag.end()
        name = (tag["name"] or "").lower()
        pieces.append(_space_for(name))
        if tag["end"] or not name:
            continue
        if name in SKIPPED and not tag["rest"].endswith("/"):
            close = re.compile(rf"</{name}\b", re.IGNORECASE).search(source, at)
            at = close.start() if close else len(source)
        elif name == "a" and len(links) < MOST_LINKS:
            links[absolute(_attributes(tag["rest"]).get("href"), base)] = None
        elif name == "img" and len(images) < MOST_IMAGES:
            images[_picture(_attributes(tag["rest"]), base)] = None
    pieces.append(SPACE.sub(" ", source[at:]))
    text = clean.paragraphs(html.unescape("".join(pieces)))
    return Markup(text, tuple(filter(None, links)), tuple(filter(None, images)))


def line(value: object) -> str:
    """The text of a title."""
    return clean.line(read(value).text)


def absolute(url: object, base: str = "") -> str:
    """A clean URL out of one that may be relative to the page it stands on."""
    try:
        return clean.clean_url(urljoin(base, clean.line(url))) if clean.line(url) else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""


def _space_for(name: str) -> str:
    if name in BLOCKS:
        return "\n\n"
    return {"br": "\n", "td": " ", "th": " ", "img": " "}.get(name, "")


def _as_tex(found: re.Match[str]) -> str:
    """`x<sup>2</sup>` as `x^{2}`, which is how papers.text reads it."""
    return f"{'^' if found[1].lower() == 'sup' else '_'}{{{found[2].strip()}}}"


def _attributes(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in ATTRIBUTE.finditer(rest):
        found.setdefault(one["name"].lower(), html.unescape(one["a"] or one["b"] or one["c"] or ""))
    return found


def _picture(attributes: dict[str, str], base: str) -> str:
    """Its address, unless it only counts readers."""
    is_pixel = {attributes.get("width"), attributes.get("height")} & {"0", "1"}
    return "" if is_pixel else absolute(attributes.get("src"), base)
