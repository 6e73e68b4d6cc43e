"""Which parser reads which kind of source; a new format is a new module and a line here."""

from collections.abc import Callable

from papers.sources import Parsed, any_feed, arxiv, daily_papers

KINDS: dict[str, Callable[[bytes], Parsed]] = {
    "arxiv": arxiv.parse,  # announcement feeds and the query API alike
    "feed": any_feed.parse,  # whatever else is RSS or Atom
    "daily-papers": daily_papers.parse,
}


def parse(kind: str, body: bytes) -> Parsed:
    """Read a body as its source's kind says."""
    return KINDS[kind](body)
