"""Any RSS or Atom body as plain dictionaries, read without trust in who wrote it."""

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
from feedparser.encodings import convert_to_utf8
from feedparser.sanitizer import replace_doctype

from papers.sources import ParseError, clean

MOST_ENTRIES = 5_000
MOST_TAGS = 500  # of one entry
MOST_ATTRIBUTES = 50  # of one element
MOST_IDENTIFIERS = 20  # of one entry
IDENTIFIERS = "dc_identifier(s)"  # under a key that no element can have
LONG_WORD = re.compile(r"([\w.+-]{64})[\w.+-]+")  # longer than the name in any mail address

ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
PIECE = 64 * 1024  # bytes between two looks for entries that have ended
TAIL = 4_096  # bytes in which a whole feed ends, comments after it included


def _check_the_xml_parser() -> None:
    """Refuse to start on any but a recent expat: it alone stops entity bombs and XXE.

    feedparser takes drv_libxml2 where that is importable, which has opened DTD files.
    """
    driver = type(xml.sax.make_parser(api.PREFERRED_XML_PARSERS)).__module__
    if driver != "xml.sax.expatreader" or expat_version < (2, 4, 1):
        raise RuntimeError(f"feeds need expat 2.4.1 or newer, not {driver} {expat_version}")


_check_the_xml_parser()


class _Bounded:
    """feedparser's parsers without what a stranger can make them do for minutes.

    Measured with 6.0.14: an author of 60,000 letters, 40,000 categories or 40,000 attributes,
    each quadratic, each more than 12 s.
    """

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802
        few = attrs if len(attrs) <= MOST_ATTRIBUTES else AttributesNSImpl({}, {})
        super().startElementNS(name, qname, few)  # type: ignore[misc]

    def _add_tag(self, *tag: Any) -> None:
        if len(self._get_context().get("tags", ())) < MOST_TAGS:  # type: ignore[attr-defined]
            super()._add_tag(*tag)  # type: ignore[misc]

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        """As theirs, but keep every dc:identifier: PubMed and BMJ have one for each archive."""
        value = super().pop(element, strip_whitespace)  # type: ignore[misc]
        if element == "dc_identifier" and isinstance(value, str):
            context = self._get_context()  # type: ignore[attr-defined]
            known = context.setdefault(IDENTIFIERS, [])
            if isinstance(known, list) and len(known) < MOST_IDENTIFIERS:
                known.append(value)
        return value

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()  # type: ignore[attr-defined]
        if isinstance(context.get(key), str):
            context[key] = LONG_WORD.sub(r"\1", context[key][: clean.FIELD])
        super()._sync_author_detail(key)  # type: ignore[misc]


api.StrictFeedParser = type("StrictFeedParser", (_Bounded, api.StrictFeedParser), {})
api.LooseFeedParser = type("LooseFeedParser", (_Bounded, api.LooseFeedParser), {})


@dataclass(frozen=True, slots=True)
class Feed:
    """What feedparser made of a body, without its attribute magic."""

    head: dict[str, Any]
    entries: Iterable[dict[str, Any]]


class StreamingFailed(Exception):
    """This body has to be read as a whole; what was streamed of it does not count."""


def read(body: bytes) -> Feed:
    """Read a feed; whatever is not one raises ParseError that says what it is."""
    plain = _checked(body)
    # BytesIO because feedparser would take bare bytes for a path or an address and open it;
    # its sanitiser off because it is quadratic, and what we show is cleaned by our own.
    found = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not found.entries and not found.get("version"):
        raise ParseError(f"{clean.described(body)} instead of a feed")
    if len(found.entries) > MOST_ENTRIES:
        raise ParseError(f"more than {MOST_ENTRIES} entries")
    # Half a feed taken for the whole would save its ETag, and the other half be lost.
    broken = isinstance(found.get("bozo_exception"), xml.sax.SAXException)
    if broken and not END.search(plain[-TAIL:]):
        raise ParseError(f"a feed cut off after {len(body)} bytes, in entry {len(found.entries)}")
    return Feed(dict(found.feed), [dict(entry) for entry in found.entries])


def stream(body: bytes) -> Feed:
    """The same, its entries while the body is still being read; StreamingFailed where that fails.

    feedparser's own strict way, step by step: what it does in `parse` before it falls back to
    guessing at broken markup.
    """
    _checked(body)
    told = feedparser.FeedParserDict()
    data = convert_to_utf8({}, body, told)
    _, data, _ = replace_doctype(data)
    if not told.get("encoding"):
        raise StreamingFailed
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
        raise StreamingFailed  # nothing, or no feed: read() says which
    return Feed(dict(handler.feeddata), chain([first], entries))


def _entries(parser: Any, handler: Any, data: bytes) -> Iterator[dict[str, Any]]:
    """Each entry when it has ended; all must know the same of their feed."""
    head, done = None, 0
    try:
        for start in range(0, len(data), PIECE):
            parser.feed(data[start : start + PIECE])
            ended = len(handler.entries) - bool(handler.inentry)
            for entry in handler.entries[done:ended]:
                head = head or dict(handler.feeddata)
                yield dict(entry)
            done = ended
        parser.close()
    except xml.sax.SAXException:
        raise StreamingFailed from None
    if head != handler.feeddata or len(handler.entries) != done:
        raise StreamingFailed


def _checked(body: bytes) -> bytes:
    plain = body.replace(b"\0", b"")  # UTF-16, near enough to count in
    if sum(1 for _ in ENTRY.finditer(plain)) > MOST_ENTRIES:
        raise ParseError(f"more than {MOST_ENTRIES} entries")
    return plain


def moment(parsed: object) -> datetime | None:
    """One of feedparser's `…_parsed` times, which are in UTC."""
    if not isinstance(parsed, struct_time):
        return None
    try:
        time = datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:  # a leap second
        return None
    return time if time.year in clean.YEARS else None


def terms(entry: dict[str, Any]) -> list[str]:
    """The entry's categories as written."""
    return [clean.line(clean.mapping(tag).get("term")) for tag in _listed(entry, "tags")]


def authors(entry: dict[str, Any]) -> list[str]:
    """The names in the entry's author elements as written."""
    return [clean.mapping(one).get("name") or "" for one in _listed(entry, "authors")]


def identifiers(entry: dict[str, Any]) -> list[str]:
    """Every dc:identifier of the entry as written."""
    return [clean.line(one) for one in _listed(entry, IDENTIFIERS)]


def links(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The entry's links with their rel, type and href."""
    return [clean.mapping(one) for one in _listed(entry, "links")]


def contents(entry: dict[str, Any]) -> list[str]:
    """What stands in content:encoded, Atom's content and their like."""
    found = (clean.mapping(one).get("value") for one in _listed(entry, "content"))
    return [one for one in found if isinstance(one, str)]


def _listed(entry: dict[str, Any], key: str) -> list[Any]:
    """What feedparser collects in a list, unless an element of that name put itself there."""
    found = entry.get(key)
    return found if isinstance(found, list) else []
