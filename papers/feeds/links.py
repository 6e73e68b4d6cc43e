"""Where the feed of a list is: addresses in each format, for the pages that link to it."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse

from papers.feeds.formats import FORMATS

TITLES = {
    "daily": "The papers of the last days",
    "day": "The papers of {name}",
    "week": "The papers of {name}",
    "month": "The papers of {name}",
    "trending": "Trending papers",
    "topic": "Papers on {name}",
    "author": "Papers by {name}",
    "search": "Search: {name}",
    "log": "The log of the curators",
}
KINDS_WITH_PATH = {"day", "week", "month", "topic"}  # /feeds/topics/vision.atom
QUERY_PARAMETERS = {"author": "name", "search": "q"}  # /feeds/authors.atom?name=Ada
FILTERS = ("topic", "min_votes", "fair")
Query = Mapping[str, str | Sequence[str]]


def feed_links(
    kind: str, name: str = "", query: Query | None = None, title: str = ""
) -> dict[str, str]:
    """`{"atom": …, "rss": …, "json": …, "title": …}`, as `papers/_feeds.html` takes them.

    The name is that of the list's address (2025-W11, vision), or an author's name, or the text of
    a search. `query` holds the parameters of the list's page, of which a feed takes FILTERS.
    """
    own = {QUERY_PARAMETERS[kind]: name} if kind in QUERY_PARAMETERS else {}
    filters = {key: query[key] for key in FILTERS if query and query.get(key)}
    encoded = urlencode(own | filters, doseq=True)
    path = {"name": name} if kind in KINDS_WITH_PATH else {}
    addresses = {
        form: reverse(f"papers:feed_{kind}", kwargs={**path, "form": form})
        + (f"?{encoded}" if encoded else "")
        for form in FORMATS
    }
    return addresses | {"title": title or TITLES[kind].format(name=name)}
