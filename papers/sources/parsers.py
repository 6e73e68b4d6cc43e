"""Which parser reads which kind of source; a new format is a new module and a line here."""

from collections.abc import Callable, Iterator

from papers.sources import Found, Parsed, any_feed, arxiv, daily_papers, feed, gather

FEEDS: dict[str, Callable[[feed.Feed], Iterator[Found]]] = {
    "arxiv": arxiv.entries,  # announcement feeds and the query API alike
    "feed": any_feed.entries,  # whatever else is RSS or Atom
}
BODIES: dict[str, Callable[[bytes], Iterator[Found]]] = {
    "daily-papers": daily_papers.entries,
}


def parse(kind: str, body: bytes) -> Parsed:
    """Read a body as its source's kind says."""
    return gather(read(kind, body))


def read(kind: str, body: bytes) -> Iterator[Found]:
    """The same one by one; a ParseError comes before the first."""
    return FEEDS[kind](feed.read(body)) if kind in FEEDS else BODIES[kind](body)


def stream(kind: str, body: bytes) -> Iterator[Found]:
    """The first while the last are still to be read; StreamingFailed may come at any moment."""
    return FEEDS[kind](feed.stream(body)) if kind in FEEDS else BODIES[kind](body)
