"""The archives that have a record of an id: which address to fetch, and how to parse the answer.

Their rules, and how they are kept (at most two look-ups run at once, one in each process of the
fetcher, and each reader may ask for so many: papers.views.submit):

- arXiv: one request in three seconds, info.arxiv.org/help/api/tou.html; see `arxiv_limiter`.
- Crossref: with a mail address in User-Agent 10 requests in a second, at most 3 at once,
  www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication.
- DataCite: with a mail address in User-Agent 1,000 requests in five minutes,
  support.datacite.org/docs/rate-limit.
- OpenReview: no figure is published, docs.openreview.net; Retry-After is obeyed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Address:
    """Where a record may be."""

    archive: str  # its name, for readers
    parser: str  # of papers.sources.parsers
    url: str
    # What it answers about an id that it does not have, or does not show to everybody.
    missing_status: tuple[int, ...] = (400, 404, 410)


def addresses(scheme: str, value: str) -> Iterator[Address]:
    """Where to look for this id, the most likely first; none for a scheme that no archive has."""
    if scheme == "arxiv":
        query = urlencode({"id_list": value, "max_results": 1})
        yield Address("arXiv", "arxiv", f"{settings.ARXIV_API_URL}?{query}")
    elif scheme == "doi":
        doi = quote(value, safe="")
        yield Address("Crossref", "crossref", f"{settings.CROSSREF_API_URL}/works/{doi}")
        yield Address("DataCite", "datacite", f"{settings.DATACITE_API_URL}/dois/{doi}")
    elif scheme == "openreview":
        query = urlencode({"id": value})
        for url in settings.OPENREVIEW_API_URLS:  # versions 2 and 1, which has the older venues
            address = f"{url.rstrip('/')}/notes?{query}"
            yield Address("OpenReview", "openreview", address, (400, 401, 403, 404, 410))
