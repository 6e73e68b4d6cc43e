"""Finds a picture for a paper: what its source brought, else the first figure of arXiv's HTML.

That takes one request for what the source brought, or one for arXiv's page and one for the figure
on it; all of them, at most four, where what comes first is unusable. The `thumbnail` of a daily
listing is not taken: it is a card with the title on it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings

from papers.ingest import arxiv_limiter
from papers.ingest.fetch import fetch
from papers.models import Paper, Picture
from papers.sources import ParseError, arxiv_html, http, sandbox
from papers.sources.picture_sizes import PictureSizes

LIMITS = http.Limits(total_seconds=20, wire_bytes=15_000_000, decoded_bytes=15_000_000)
MAX_MEDIA = 2  # addresses that a source gave and that we try
NOT_PICTURES = (".mp4", ".webm", ".mov", ".qt", ".avi", ".mkv", ".svg", ".svgz", ".pdf", ".mp3")
# Answers that may be another one tomorrow: arXiv sends 403 to whom it thinks too busy.
PASSING_STATUS = (403, 429)


@dataclass(frozen=True, slots=True)
class FoundPicture:
    sizes: PictureSizes
    origin: Picture.Origin
    source_url: str
    caption: str = ""


class NotFound(Exception):
    """No usable picture, with the reason for each place.

    `is_final`: nor will there be one later. `is_in_trouble`: the server asked last, arXiv's where
    it may have one, should be left alone for a while.
    """

    def __init__(self, errors: list[http.FetchError | ParseError]) -> None:
        super().__init__("; ".join(map(str, errors)) or "neither its source nor arXiv has one")
        self.is_final = all(map(_is_final, errors))
        self.is_in_trouble = not all(map(_is_final, errors[-1:]))


def find(paper: Paper) -> FoundPicture:
    """The first usable picture; raises NotFound, or `arxiv_limiter.NotNow` if arXiv is busy."""
    errors: list[http.FetchError | ParseError] = []
    for search in _searches(paper):
        try:
            return search()
        except (http.FetchError, ParseError) as error:
            errors.append(error)
    raise NotFound(errors)


def _searches(paper: Paper) -> Iterator[Callable[[], FoundPicture]]:
    """The places where its picture may be, the best first."""
    media = [
        url for url in paper.extras.media if not urlsplit(url).path.lower().endswith(NOT_PICTURES)
    ]
    for url in media[:MAX_MEDIA]:
        yield partial(_from_source, url)
    if arxiv_html.has_html(paper.arxiv_id):
        yield partial(_from_arxiv, paper.arxiv_id)


def _from_source(url: str) -> FoundPicture:
    sizes = sandbox.encode_picture(_fetch(url).body)
    return FoundPicture(sizes, Picture.Origin.SOURCE, url)


def _from_arxiv(arxiv_id: str) -> FoundPicture:
    page = _fetch(f"{settings.ARXIV_HTML_URL.rstrip('/')}/{arxiv_id}")
    figure = sandbox.first_figure(page.body, page.url)
    if figure is None:
        raise ParseError("arXiv's HTML version has no figure")
    # Patient, so that the page is not fetched again.
    sizes = sandbox.encode_picture(_fetch(figure.url, patient=True).body)
    return FoundPicture(sizes, Picture.Origin.ARXIV, figure.url, figure.caption)


def _fetch(url: str, *, patient: bool = False) -> http.Response:
    try:
        return fetch(url, limits=LIMITS, patient=patient)
    except http.FetchError as error:
        if error.retry_after is not None:
            arxiv_limiter.hold_off(url, error.retry_after)
        raise


def _is_final(error: http.FetchError | ParseError) -> bool:
    """Whether the same request later would get the same answer."""
    if isinstance(error, ParseError):
        return True
    return error.status is not None and error.status < 500 and error.status not in PASSING_STATUS
