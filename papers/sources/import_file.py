"""Reads a file for `import_papers` as a stream of entries; its first lines tell its format."""

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain, islice
from typing import IO, NamedTuple, cast

from papers.sources import Entry, Parsed, clean, json_lines, oai, parsers

DETECTION_LINES = 10  # by which a file of JSON lines is known
DETECTION_BYTES = 2_000  # by which any other format is
MAX_LINE_BYTES = 10_000_000  # of one record
MAX_BODY_BYTES = 200_000_000  # of a file that can only be read whole
DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(slots=True)
class RejectedRecord:
    """A record that could not become an entry: its number (from 1), the reason and its text."""

    number: int
    reason: str
    record: str = ""


class FileBatch(NamedTuple):
    """Some records of a file, and how many of its bytes are read so far, compressed as they are."""

    records: list[Entry | RejectedRecord]
    bytes_read: int


def read(file: IO[bytes], name: str, day: date | None, size: int) -> Iterator[FileBatch]:
    """Batches of `size` records; `day` is their `listed_on` where the file itself gives none."""
    items = _items(_decompressed(file), name, day)
    while batch := list(islice(items, size)):
        yield FileBatch(batch, file.tell())


def _decompressed(raw: IO[bytes]) -> IO[bytes]:
    is_gzip = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return cast(IO[bytes], gzip.open(raw)) if is_gzip else raw


def _items(file: IO[bytes], name: str, day: date | None) -> Iterator[Entry | RejectedRecord]:
    """Line by line where one of the first lines is a record by itself, else the file as a whole."""
    head = [line for _ in range(DETECTION_LINES) if (line := file.readline(MAX_LINE_BYTES))]
    if any(_is_record(line) for line in head):
        return _from_lines(chain(head, iter(partial(file.readline, MAX_LINE_BYTES), b"")), day)
    return _from_body(b"".join(head) + file.read(MAX_BODY_BYTES), name, day)


def _is_record(line: bytes) -> bool:
    try:
        return bool(json_lines.record_of(line))
    except ValueError:
        return False


def _from_lines(lines: Iterable[bytes], day: date | None) -> Iterator[Entry | RejectedRecord]:
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            yield _listed_on(day, json_lines.entry_of(json_lines.record_of(line)))
        except ValueError as error:
            yield RejectedRecord(number, str(error), line.decode(errors="replace").strip())


def _from_body(body: bytes, name: str, day: date | None) -> Iterator[Entry | RejectedRecord]:
    """OAI-PMH, a feed, or the daily-papers API, whose day only the file's name has."""
    start = body[:DETECTION_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    parsed: oai.Page | Parsed
    if b"<OAI-PMH" in start:
        parsed = oai.parse(body)
    elif start.startswith(b"<"):
        parsed = parsers.parse("feed", body)
    else:
        parsed = parsers.parse("daily-papers", body)
        day = day or _day_in_name(name)
    for entry in parsed.entries:
        yield _listed_on(day, entry)
    for rejected in parsed.rejected:
        yield RejectedRecord(rejected.index + 1, rejected.reason)


def _listed_on(day: date | None, entry: Entry) -> Entry:
    return entry if entry.listed_on or not day else replace(entry, listed_on=day)


def _day_in_name(name: str) -> date | None:
    return clean.day(match[0]) if (match := DATE_IN_NAME.search(name)) else None
