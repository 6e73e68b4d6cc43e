"""Reads a file for `import_papers` as a stream of entries; its first lines tell its format."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import IO, NamedTuple, cast

from papers.sources import (
    Entry,
    Parsed,
    ParseError,
    clean,
    json_authors,
    json_lines,
    json_records,
    oai,
    parsers,
    text_encoding,
)

DETECTION_BYTES = 2_000  # by which the format is known
JSON_START = re.compile(r"^\s*[\[{]", re.MULTILINE)  # lines of another kind may come first
MAX_BODY_BYTES = 200_000_000  # of a file that can only be read whole
DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(slots=True)
class RejectedRecord:
    """A record that could not become an entry: its number (from 1), the reason and its text."""

    number: int
    reason: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What an operator should know of a record that became an entry."""

    text: str


ImportedItem = Entry | RejectedRecord | Remark


class FileBatch(NamedTuple):
    """Some records of a file, and how many of its bytes are read so far, compressed as they are."""

    records: list[ImportedItem]
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


def _items(file: IO[bytes], name: str, day: date | None) -> Iterator[ImportedItem]:
    start = file.read(DETECTION_BYTES)
    file.seek(0)
    encoding = text_encoding.detect(start)
    text = start.decode(encoding, "replace").lstrip()
    if text.startswith("<"):
        return _from_xml(file.read(MAX_BODY_BYTES), "<OAI-PMH" in text, day)
    if not JSON_START.search(text):
        raise ParseError(f"{clean.described(start)} instead of papers")
    return _from_json(json_records.read(file, encoding), day, _day_in_name(name))


def _from_json(
    records: Iterable[json_records.Record], day: date | None, day_in_name: date | None
) -> Iterator[ImportedItem]:
    """Only the daily-papers API leaves its day to the file's name."""
    for number, text, value, error in records:
        if error:
            yield RejectedRecord(number, error, text)
            continue
        try:
            record = json_lines.checked(value)
            entry = json_lines.entry_of(record)
        except ValueError as reason:
            quoted = text or json.dumps(value, ensure_ascii=False)
            yield RejectedRecord(number, str(reason), quoted)
            continue
        is_listing = json_lines.is_of_daily_papers(value)
        yield _listed_on(day or (day_in_name if is_listing else None), entry)
        if field := json_authors.unread_field(record, entry):
            yield Remark(f"without authors; the field {clean.quoted(field)} is not read")


def _from_xml(body: bytes, is_oai: bool, day: date | None) -> Iterator[ImportedItem]:
    parsed: oai.Page | Parsed = oai.parse(body) if is_oai else parsers.parse("feed", body)
    for entry in parsed.entries:
        yield _listed_on(day, entry)
    for rejected in parsed.rejected:
        yield RejectedRecord(rejected.index + 1, rejected.reason)


def _listed_on(day: date | None, entry: Entry) -> Entry:
    return entry if entry.listed_on or not day else replace(entry, listed_on=day)


def _day_in_name(name: str) -> date | None:
    return clean.day(match[0]) if (match := DATE_IN_NAME.search(name)) else None
