"""Finds a picture for a paper: what its source brought, else the first figure of arXiv's HTML.

At most three requests: one or two for what the source brought, or one for arXiv's page and one for
the figure on it. A daily listing's `thumbnail` is not taken: it is a card with the title on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from papers.ingest import arxiv_limiter
from papers.ingest.fetch import fetch
from papers.models import Paper, Picture
from papers.sources import ParseError, arxiv_html, http, sandbox
from papers.sources.picture_sizes import PictureSizes

LIMITS = http.Limits(
    total_seconds=20,
    wire_bytes=15_000_000,
    decoded_bytes=15_000_000,
)
MAX_MEDIA = 2  # addresses that a source gave and that we try
NOT_PICTURES = (".mp4", ".webm", ".mov", ".qt", ".avi", ".mkv", ".svg", ".svgz", ".pdf", ".mp3")


@dataclass(frozen=True, slots=True)
class FoundPicture:
    sizes: PictureSizes
    origin: Picture.Origin
    source_url: str
    caption: str = ""


class NotFound(Exception):
    """No usable picture; `final`: and none is to be expected later."""

    def __init__(self, reasons: list[str], *, final: bool) -> None:
        super().__init__("; ".join(reasons) or "neither its source nor arXiv has one")
        self.final = final


def find(paper: Paper) -> FoundPicture:
    """The first usable picture; raises NotFound, or `arxiv_limiter.NotNow` if arXiv is busy."""
    reasons, final = [], True
    for url in _media(paper):
        try:
            sizes = sandbox.encode_picture(_fetch(url).body)
            return FoundPicture(sizes, Picture.Origin.SOURCE, url)
        except (http.FetchError, ParseError) as error:
            reasons.append(str(error))
            final = final and _is_final(error)
    if arxiv_html.has_html(paper.arxiv_id):
        try:
            return _figure(paper.arxiv_id)
        except (http.FetchError, ParseError) as error:
            reasons.append(str(error))
            final = final and _is_final(error)
    raise NotFound(reasons, final=final)


def _media(paper: Paper) -> Iterator[str]:
    """Addresses from its source that may be pictures."""
    pictures = [
        url for url in paper.extras.media if not urlsplit(url).path.lower().endswith(NOT_PICTURES)
    ]
    yield from pictures[:MAX_MEDIA]


def _figure(arxiv_id: str) -> FoundPicture:
    page = _fetch(f"{settings.ARXIV_HTML_URL.rstrip('/')}/{arxiv_id}")
    for figure in sandbox.first_figure(page.body, page.url):
        # Patient, so that the page is not fetched again.
        body = _fetch(figure.url, patient=True).body
        sizes = sandbox.encode_picture(body)
        return FoundPicture(sizes, Picture.Origin.ARXIV, figure.url, figure.caption)
    raise ParseError("arXiv's HTML version has no figure")


def _fetch(url: str, *, patient: bool = False) -> http.Response:
    try:
        return fetch(url, limits=LIMITS, patient=patient)
    except http.FetchError as error:
        if error.retry_after is not None:
            arxiv_limiter.hold_off(url, error.retry_after)
        raise


def _is_final(error: http.FetchError | ParseError) -> bool:
    """Whether to ask again is of no use: the answer was clear."""
    status = error.status if isinstance(error, http.FetchError) else 200
    return status is not None and status < 500 and status != 429
