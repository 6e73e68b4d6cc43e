"""Which parser reads which kind of source; a new format is a new module and a line here."""

from collections.abc import Callable, Iterator

from papers.sources import Parsed, ParsedItem, arxiv, collect, daily_papers, feed_xml, generic_feed

FEEDS: dict[str, Callable[[feed_xml.Feed], Iterator[ParsedItem]]] = {
    "arxiv": arxiv.entries,  # announcement feeds and the query API alike
    "feed": generic_feed.entries,  # whatever else is RSS or Atom
}
BODIES: dict[str, Callable[[bytes], Iterator[ParsedItem]]] = {
    "daily-papers": daily_papers.entries,
}


def parse(kind: str, body: bytes) -> Parsed:
    """Read a body as its source's kind says."""
    return collect(read(kind, body))


def read(kind: str, body: bytes) -> Iterator[ParsedItem]:
    """The same one by one; a ParseError comes before the first."""
    return FEEDS[kind](feed_xml.read(body)) if kind in FEEDS else BODIES[kind](body)


def stream(kind: str, body: bytes) -> Iterator[ParsedItem]:
    """The first while the last are still to be read; StreamingFailed may come at any moment."""
    return FEEDS[kind](feed_xml.stream(body)) if kind in FEEDS else BODIES[kind](body)
