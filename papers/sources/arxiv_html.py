"""Finds the first figure of a paper in arXiv's HTML version, as LaTeXML writes it.

    <figure class="ltx_figure"><img src="x1.png"><figcaption>Figure 1: …</figcaption></figure>

https://info.arxiv.org/about/accessible_HTML.html
"""

import re
from dataclasses import dataclass

from papers import text
from papers.sources import clean, html_text

FIRST_ID = "2312"  # arXiv makes HTML of what was submitted from December 2023 on
MIN_SIDE = 50  # pixels: smaller images in a figure are marks and logos
# LaTeXML writes these as figures, too.
NOT_A_FIGURE = re.compile(r"\bltx_(?:table|algorithm|float_algorithm|lstlisting)\b")


@dataclass(frozen=True, slots=True)
class Figure:
    url: str
    caption: str  # as text, with its number: "Figure 1: …"; empty where it has none


def has_html(arxiv_id: str) -> bool:
    """Whether arXiv may have an HTML version of it; old ids with a slash are older than that."""
    return arxiv_id >= FIRST_ID and "/" not in arxiv_id


def first_figure(body: bytes, url: str) -> Figure | None:
    """The first figure with an image that is no drawing in SVG; `url` is that of the page."""
    source = body.decode("utf-8", "replace")
    base, depth, skips = url, 0, False
    image = caption = ""
    caption_start = 0
    for tag in html_text.TAG.finditer(source):
        name, ends, rest = (tag["name"] or "").lower(), bool(tag["end"]), tag["rest"] or ""
        if name == "base" and base == url:
            base = html_text.absolute_url(html_text.attributes(rest).get("href"), url) or url
        elif name == "figure" and not ends:
            depth += 1
            if depth == 1:
                image = caption = ""
                skips = bool(NOT_A_FIGURE.search(rest))
        elif name == "figure" and depth:
            depth -= 1
            if depth == 0 and image and not skips:
                return Figure(image, caption)
        elif name == "img" and depth:
            image = image or _image_url(rest, base)
        elif name == "figcaption" and depth == 1:  # deeper ones are captions of its parts
            if not ends:
                caption_start = tag.end()
            elif caption_start:
                caption = _caption(source[caption_start : tag.start()])
    return Figure(image, caption) if image and depth and not skips else None


def _image_url(rest: str, base: str) -> str:
    attributes = html_text.attributes(rest)
    sides = [attributes.get("width", ""), attributes.get("height", "")]
    if any(re.fullmatch(r"[0-9]{1,2}", side) and int(side) < MIN_SIDE for side in sides):
        return ""
    url = html_text.absolute_url(attributes.get("src"), base)
    return "" if url.lower().partition("?")[0].endswith((".svg", ".svgz")) else url


def _caption(source: str) -> str:
    return clean.text(text.plain(clean.text(html_text.read(source).text)))
