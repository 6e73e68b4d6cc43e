"""Which parser reads which kind of body. A new kind of source is a module and a line in PARSERS.

A format whose bodies are small has `entries(body) -> Iterator[ParsedItem]`. One that is built on
RSS or Atom has `entries(feed) -> Iterator[ParsedItem]`, which works on what `feed_xml` read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from papers.sources import (
    Parsed,
    ParsedItem,
    arxiv,
    collect,
    crossref,
    daily_papers,
    datacite,
    feed_xml,
    generic_feed,
    json_feed,
    openreview,
)

Parse = Callable[[bytes], Iterator[ParsedItem]]
ReadFeed = Callable[[bytes], feed_xml.Feed]


@dataclass(frozen=True, slots=True)
class Parser:
    """Both functions raise ParseError for a body that is not of the format.

    `read` raises it before the first entry. `stream` yields the first entries while the last are
    still to be read, so it may raise ParseError or StreamingFailed at any time.
    """

    read: Parse
    stream: Parse


def _of_feed(entries: Callable[[feed_xml.Feed], Iterator[ParsedItem]]) -> Parser:
    return Parser(
        read=lambda body: entries(_feed_reader(body, feed_xml.read)(body)),
        stream=lambda body: entries(_feed_reader(body, feed_xml.stream)(body)),
    )


def _feed_reader(body: bytes, read_xml: ReadFeed) -> ReadFeed:
    return json_feed.read if json_feed.is_json(body) else read_xml


def _of_body(entries: Parse) -> Parser:
    return Parser(read=entries, stream=entries)


# By `papers.models.Source.Kind`.
PARSERS: dict[str, Parser] = {
    "arxiv": _of_feed(arxiv.entries),  # announcement feeds and the query API alike
    "feed": _of_feed(generic_feed.entries),  # whatever else is RSS, Atom or JSON Feed
    "daily-papers": _of_body(daily_papers.entries),
}
# One record of an archive each: see papers/submissions/archives.py.
RECORD_PARSERS: dict[str, Parser] = {
    "crossref": _of_body(crossref.entries),
    "datacite": _of_body(datacite.entries),
    "openreview": _of_body(openreview.entries),
}
ALL_PARSERS = PARSERS | RECORD_PARSERS


def parse(kind: str, body: bytes) -> Parsed:
    """All of a body of this kind."""
    return collect(read(kind, body))


def read(kind: str, body: bytes) -> Iterator[ParsedItem]:
    """The same one by one; a ParseError comes before the first."""
    return ALL_PARSERS[kind].read(body)


def stream(kind: str, body: bytes) -> Iterator[ParsedItem]:
    """The first while the last are still to be read; StreamingFailed may come at any time."""
    return ALL_PARSERS[kind].stream(body)
