"""Bulk import: a file of any known form, streamed in batches that stand once written."""

import gzip
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, cast

from papers import ingest
from papers.sources import Entry, Parsed, fields, oai, parsers, records

BATCH = 1_000
HEAD = 10  # lines by which the form is known
HEAD_BYTES = 2_000  # by which a body is
LONGEST = 10_000_000  # bytes of one record
LARGEST = 200_000_000  # bytes of a file that can only be read whole
DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(slots=True)
class Refused:
    """A record that made no entry: which one (from 1), why, and what it says."""

    number: int
    reason: str
    record: str = ""


@dataclass(slots=True)
class Batch:
    """What one stretch of the file came to."""

    read: int  # bytes of the file so far, packed as they are
    entries: int
    new: int
    updated: int
    refused: list[Refused]


def run(path: Path, *, now: datetime, listed: bool, day: date | None = None) -> Iterator[Batch]:
    """Import batch by batch; twice is the same as once, so a run that was killed is run again.

    A ParseError says that the file is of no form known here.
    """
    listing = ingest.List.ON_A_GIVEN_DAY if listed else ingest.List.NOWHERE
    with path.open("rb") as raw, ThreadPoolExecutor(1) as reader:
        items = _items(_unpacked(raw), path, day)

        def read() -> tuple[list[Entry | Refused], int]:
            return list(islice(items, BATCH)), raw.tell()

        coming = reader.submit(read)
        while (found := coming.result())[0]:
            coming = reader.submit(read)  # while PostgreSQL writes what was found
            entries = [item for item in found[0] if isinstance(item, Entry)]
            refused = [item for item in found[0] if isinstance(item, Refused)]
            brought = ingest.upsert(entries, now=now, listing=listing)
            yield Batch(found[1], len(entries), len(brought.new), len(brought.updated), refused)


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return cast(IO[bytes], gzip.open(raw)) if packed else raw


def _items(file: IO[bytes], path: Path, day: date | None) -> Iterator[Entry | Refused]:
    """Line by line where any of the first lines is a record by itself, else the body as one."""
    head = [line for _ in range(HEAD) if (line := file.readline(LONGEST))]
    if any(_is_record(line) for line in head):
        return _of_lines(chain(head, iter(partial(file.readline, LONGEST), b"")), day)
    return _of_body(b"".join(head) + file.read(LARGEST), path, day)


def _is_record(line: bytes) -> bool:
    try:
        return bool(records.record_of(line))
    except ValueError:
        return False


def _of_lines(lines: Iterable[bytes], day: date | None) -> Iterator[Entry | Refused]:
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            yield _on(day, records.entry_of(records.record_of(line)))
        except ValueError as error:
            yield Refused(number, str(error), line.decode(errors="replace").strip())


def _of_body(body: bytes, path: Path, day: date | None) -> Iterator[Entry | Refused]:
    """One answer: OAI-PMH, a feed, or the daily-papers API, whose day only the file's name has."""
    start = body[:HEAD_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    parsed: oai.Page | Parsed
    if b"<OAI-PMH" in start:
        parsed = oai.parse(body)
    elif start.startswith(b"<"):
        parsed = parsers.parse("feed", body)
    else:
        parsed = parsers.parse("daily-papers", body)
        day = day or _day_in_name(path)
    for entry in parsed.entries:
        yield _on(day, entry)
    for rejected in parsed.rejected:
        yield Refused(rejected.index + 1, rejected.reason)


def _on(day: date | None, entry: Entry) -> Entry:
    return entry if entry.listed_on or not day else replace(entry, listed_on=day)


def _day_in_name(path: Path) -> date | None:
    return fields.day(found[0]) if (found := DATE_IN_NAME.search(path.name)) else None
