"""What others may follow: a feed of every list, in Atom, RSS and JSON."""

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
}
NAMED_IN_THE_PATH = {"day", "week", "month", "topic"}
NAMED_IN_THE_QUERY = {"author": "name", "search": "q"}
Query = Mapping[str, str | Sequence[str]]


def links(kind: str, name: str = "", query: Query | None = None, title: str = "") -> dict[str, str]:
    """Where the feed of a list is, for `papers/_feeds.html`: `links("topic", "vision")`.

    The name is that of an address (2025-W11, vision) or what is asked for (an author, a search);
    `query` holds the list's filters, of which a feed takes `topic` and `min_votes`.
    """
    asked = {NAMED_IN_THE_QUERY[kind]: name} if kind in NAMED_IN_THE_QUERY else {}
    filters = {key: query[key] for key in ("topic", "min_votes") if query and query.get(key)}
    encoded = urlencode(asked | filters, doseq=True)
    path = {"name": name} if kind in NAMED_IN_THE_PATH else {}
    addresses = {
        form: reverse(f"papers:feed_{kind}", kwargs={**path, "form": form})
        + (f"?{encoded}" if encoded else "")
        for form in FORMATS
    }
    return addresses | {"title": title or TITLES[kind].format(name=name)}
