"""Which parser reads which kind of source; a new format is a new module and a line here."""

from collections.abc import Callable, Iterator

from papers.sources import Found, Parsed, any_feed, arxiv, daily_papers, gather

KINDS: dict[str, Callable[[bytes], Iterator[Found]]] = {
    "arxiv": arxiv.read,  # announcement feeds and the query API alike
    "feed": any_feed.read,  # whatever else is RSS or Atom
    "daily-papers": daily_papers.read,
}


def parse(kind: str, body: bytes) -> Parsed:
    """Read a body as its source's kind says."""
    return gather(read(kind, body))


def read(kind: str, body: bytes) -> Iterator[Found]:
    """The same one by one; a ParseError comes before the first."""
    return KINDS[kind](body)
