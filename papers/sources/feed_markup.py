"""Mends the bytes of a feed before they are parsed: encoding, DTD, character references.

The result is UTF-8 that a strict XML parser reads where it would have stopped, as feedparser's
tolerant parser invents a semicolon for `R&D`, and some references make it raise.
"""

import re
from html import escape
from html.entities import html5

from feedparser import FeedParserDict
from feedparser.encodings import convert_to_utf8

from papers.sources import ParseError, text_encoding

MAX_ENTITY_BYTES = 200  # of the text that a DTD gives a name
MAX_EXPANSION_BYTES = 1_000_000  # that all of these names together may add to a body

XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
PROLOG = re.compile(rb"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
# A comment without end takes the rest: were it tried as something else, each "<!--" would be read
# to the end of the body again.
DTD = re.compile(
    rb"<!DOCTYPE(?:[^\[>\"']|\"[^\"]*\"|'[^']*')*+"
    rb"(?:\[(?:<!--.*?(?:-->|\Z)|\"[^\"]*\"|'[^']*'|[^\]\"'])*+\]\s*)?>",
    re.DOTALL | re.IGNORECASE,
)
ENTITY = re.compile(rb"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"]*)\"|'([^']*)'|[^>]*)\s*>")
# The names that XML knows are not matched; in CDATA and comments nothing is a reference.
REFERENCE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    rb"|&(?!(?:amp|lt|gt|quot|apos);)(?:#(?:[xX](?P<hex>[0-9a-fA-F]+)|(?P<decimal>[0-9]+));"
    rb"|(?P<name>[A-Za-z][\w.-]{0,60});|)",
    re.DOTALL,
)


def mended(body: bytes) -> bytes:
    """The body in UTF-8; raises ParseError if its DTD defines texts by other texts or by files."""
    data = _utf8(body)
    data, entities = _without_dtd(data)
    added = 0

    def replacement(match: re.Match[bytes]) -> bytes:
        nonlocal added
        if match[0][:1] == b"<":
            return match[0]
        if match["hex"] or match["decimal"]:
            return _character(match)
        name = match["name"]
        if name in entities:
            text = _entity(name, entities[name])
            added += len(text)
            if added > MAX_EXPANSION_BYTES:
                raise ParseError("a DTD whose entities make more than 1 MB of text")
            return text
        known = html5.get(f"{name.decode()};") if name else None
        return known.encode() if known else b"&amp;" + match[0][1:]

    return REFERENCE.sub(replacement, data)


def _utf8(body: bytes) -> bytes:
    encoding = text_encoding.detect(body[:4])
    if encoding.startswith(("utf-16", "utf-32")):
        text = body.decode(encoding, "replace")
        return XML_DECLARATION.sub("", text, count=1).encode(errors="replace")
    data: bytes = convert_to_utf8({}, body, FeedParserDict())
    return data


def _without_dtd(data: bytes) -> tuple[bytes, dict[bytes, bytes | None]]:
    """The body without its DTD, and the texts that this names; None for what it must not name."""
    prolog = PROLOG.match(data)
    start = prolog.end() if prolog else 0
    if data[start : start + 9].upper() != b"<!DOCTYPE":
        return data, {}
    dtd = DTD.match(data, start)
    if not dtd:
        raise ParseError("a DTD that does not end")
    entities: dict[bytes, bytes | None] = {}
    for name, double, single in ENTITY.findall(dtd[0]):
        text = double or single
        is_plain = text and len(text) <= MAX_ENTITY_BYTES and not re.search(rb"[&%<]", text)
        entities.setdefault(name, text if is_plain else None)
    return data[:start] + data[dtd.end() :], entities


def _entity(name: bytes, text: bytes | None) -> bytes:
    if text is None:
        raise ParseError(f"a DTD whose entity {name.decode()!r} we do not read: not a short text")
    return escape(text.decode(errors="replace")).encode()


def _character(match: re.Match[bytes]) -> bytes:
    """The reference as it is, or what stands for a character that XML does not allow."""
    digits, base = (match["hex"], 16) if match["hex"] else (match["decimal"], 10)
    number = int(digits, base) if len(digits.lstrip(b"0")) <= 7 else 0x110000
    if number < 32 and number not in (9, 10, 13):
        return b""
    is_character = number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    return match[0] if is_character else "\ufffd".encode()
