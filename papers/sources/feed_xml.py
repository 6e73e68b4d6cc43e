"""Reads any RSS or Atom body by feedparser into dictionaries, limited against hostile bodies."""

import io
import re
import xml.sax
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pyexpat import version_info as expat_version
from time import struct_time
from typing import Any
from xml.sax.xmlreader import AttributesNSImpl

import feedparser
from feedparser import api

from papers.sources import ParseError, clean, feed_markup, name_marks

MAX_ENTRIES = 5_000
MAX_TAGS_PER_ENTRY = 500
MAX_ATTRIBUTES_PER_ELEMENT = 50
MAX_IDENTIFIERS_PER_ENTRY = 20
IDENTIFIERS_KEY = "dc_identifier(s)"  # no element can have this name
LONG_WORD = re.compile(r"([\w.+-]{64})[\w.+-]+")  # longer than the name in any mail address

ENTRY_START = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
FEED_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
CHUNK_BYTES = 64 * 1024  # after each we look for entries that have ended
FEED_END_BYTES = 4_096  # in which a complete feed ends, comments after it included


def _check_xml_parser() -> None:
    """Refuse to start without a recent expat: no other parser here stops entity bombs and XXE.

    feedparser takes drv_libxml2 where that is importable, which has opened DTD files.
    """
    driver = type(xml.sax.make_parser(api.PREFERRED_XML_PARSERS)).__module__
    if driver != "xml.sax.expatreader" or expat_version < (2, 4, 1):
        raise RuntimeError(f"feeds need expat 2.4.1 or newer, not {driver} {expat_version}")


_check_xml_parser()


class _BoundedParser:
    """feedparser's parsers without the steps that a hostile body can make take minutes.

    Measured with 6.0.14: an author of 60,000 letters, 40,000 categories or 40,000 attributes,
    each quadratic, each more than 12 s.
    """

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802
        bounded = attrs if len(attrs) <= MAX_ATTRIBUTES_PER_ELEMENT else AttributesNSImpl({}, {})
        super().startElementNS(name, qname, bounded)  # type: ignore[misc]

    def _add_tag(self, *tag: Any) -> None:
        if len(self._get_context().get("tags", ())) < MAX_TAGS_PER_ENTRY:  # type: ignore[attr-defined]
            super()._add_tag(*tag)  # type: ignore[misc]

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """Keep every dc:identifier, not the last: PubMed and BMJ have one for each archive."""
        value = super().pop(element, strip_whitespace)  # type: ignore[misc]
        if element == "dc_identifier" and isinstance(value, str):
            context = self._get_context()  # type: ignore[attr-defined]
            known = context.setdefault(IDENTIFIERS_KEY, [])
            if isinstance(known, list) and len(known) < MAX_IDENTIFIERS_PER_ENTRY:
                known.append(value)
        return value

    def _sync_author_detail(self, key: str = "author") -> None:
        """Take mail addresses off first: feedparser knows no top-level domain over four letters."""
        context = self._get_context()  # type: ignore[attr-defined]
        if isinstance(context.get(key), str):
            name = name_marks.without_mail(context[key][: clean.MAX_FIELD_CHARS])
            context[key] = LONG_WORD.sub(r"\1", name.strip())
        super()._sync_author_detail(key)  # type: ignore[misc]


api.StrictFeedParser = type("StrictFeedParser", (_BoundedParser, api.StrictFeedParser), {})
api.LooseFeedParser = type("LooseFeedParser", (_BoundedParser, api.LooseFeedParser), {})


@dataclass(frozen=True, slots=True)
class Feed:
    """feedparser's result in plain dictionaries, without its attribute access."""

    head: dict[str, Any]
    entries: Iterable[dict[str, Any]]


class StreamingFailed(Exception):
    """This body has to be parsed as a whole by `read`; entries streamed so far do not count."""


def read(body: bytes) -> Feed:
    """Read a whole feed; raises ParseError that says what the body is if it is none."""
    plain = _without_nul(body)
    data = feed_markup.mended(body)
    # BytesIO because feedparser would take bare bytes for a path or an address and open it;
    # its sanitiser off because it is quadratic, and our own code cleans what we show.
    try:
        result = feedparser.parse(
            io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # of feedparser's: it has many
        raise ParseError(f"not readable as a feed ({type(error).__name__}: {error})") from error
    if not result.entries and not result.get("version"):
        raise ParseError(f"{clean.described(body)} instead of a feed")
    if len(result.entries) > MAX_ENTRIES:
        raise ParseError(f"more than {MAX_ENTRIES} entries")
    # Half a feed taken for the whole would save its ETag, and the other half be lost.
    broken = isinstance(result.get("bozo_exception"), xml.sax.SAXException)
    if broken and not FEED_END.search(plain[-FEED_END_BYTES:]):
        raise ParseError(f"a feed cut off after {len(body)} bytes, in entry {len(result.entries)}")
    return Feed(dict(result.feed), [dict(entry) for entry in result.entries])


def stream(body: bytes) -> Feed:
    """The same, but yields entries while the body is still being read; may raise StreamingFailed.

    These are the steps of `feedparser.parse` with its strict parser, before it falls back to its
    tolerant one for broken markup.
    """
    _without_nul(body)
    data = feed_markup.mended(body)
    handler = api.StrictFeedParser("", None, "utf-8")
    handler.sanitize_html = handler.resolve_relative_uris = False
    parser = xml.sax.make_parser(api.PREFERRED_XML_PARSERS)
    parser.setFeature(xml.sax.handler.feature_namespaces, 1)
    parser.setFeature(xml.sax.handler.feature_external_ges, 0)
    parser.setContentHandler(handler)
    parser.setErrorHandler(handler)
    entries = _entries(parser, handler, data)
    first = next(entries, None)
    if first is None:
        raise StreamingFailed  # no entries, or no feed: read() finds out which
    return Feed(dict(handler.feeddata), chain([first], entries))


def _entries(parser: Any, handler: Any, data: bytes) -> Iterator[dict[str, Any]]:
    """Each entry when it has ended. Raises StreamingFailed if the feed's head changed meanwhile."""
    head, done = None, 0
    try:
        for start in range(0, len(data), CHUNK_BYTES):
            parser.feed(data[start : start + CHUNK_BYTES])
            ended = len(handler.entries) - bool(handler.inentry)
            for entry in handler.entries[done:ended]:
                head = head or dict(handler.feeddata)
                yield dict(entry)
            done = ended
        parser.close()
    except Exception:  # not well-formed, or a fault of feedparser's: read() finds out
        raise StreamingFailed from None
    if head != handler.feeddata or len(handler.entries) != done:
        raise StreamingFailed


def _without_nul(body: bytes) -> bytes:
    """The body for counting in; raises ParseError if it has too many entries."""
    plain = body.replace(b"\0", b"")  # UTF-16 nearly becomes ASCII by this
    if sum(1 for _ in ENTRY_START.finditer(plain)) > MAX_ENTRIES:
        raise ParseError(f"more than {MAX_ENTRIES} entries")
    return plain


def moment(parsed: object) -> datetime | None:
    """One of feedparser's `…_parsed` times, which are in UTC."""
    if not isinstance(parsed, struct_time):
        return None
    try:
        time = datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:  # a leap second
        return None
    return time if time.year in clean.PLAUSIBLE_YEARS else None


def terms(entry: dict[str, Any]) -> list[str]:
    """The entry's categories as written."""
    return [clean.line(clean.mapping(tag).get("term")) for tag in _list(entry, "tags")]


def authors(entry: dict[str, Any]) -> list[str]:
    """The names in the entry's author elements as written."""
    return [clean.mapping(author).get("name") or "" for author in _list(entry, "authors")]


def identifiers(entry: dict[str, Any]) -> list[str]:
    """Every dc:identifier of the entry as written."""
    return [clean.line(value) for value in _list(entry, IDENTIFIERS_KEY)]


def links(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The entry's links with their rel, type and href."""
    return [clean.mapping(link) for link in _list(entry, "links")]


def images(entry: dict[str, Any]) -> list[str]:
    """Addresses of the entry's pictures: Media RSS, enclosures, and its thumbnail last.

    https://www.rssboard.org/media-rss
    """
    media = [clean.mapping(one) for one in _list(entry, "media_content")]
    pictures = [one.get("url") for one in media if _is_image(one) or one.get("medium") == "image"]
    enclosures = (link for link in links(entry) if link.get("rel") == "enclosure")
    pictures += [link.get("href") for link in enclosures if _is_image(link)]
    pictures += [clean.mapping(one).get("url") for one in _list(entry, "media_thumbnail")]
    return [clean.line(url) for url in pictures if url]


def _is_image(element: dict[str, Any]) -> bool:
    return clean.line(element.get("type")).startswith("image/")


def contents(entry: dict[str, Any]) -> list[str]:
    """What stands in content:encoded, Atom's content and their like."""
    values = (clean.mapping(content).get("value") for content in _list(entry, "content"))
    return [value for value in values if isinstance(value, str)]


def _list(entry: dict[str, Any], key: str) -> list[Any]:
    """A list of feedparser's; empty if an element of that name took its place."""
    value = entry.get(key)
    return value if isinstance(value, list) else []
