"""A file of any known form as entries, streamed; what it is shows in its first lines."""

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain, islice
from typing import IO, NamedTuple, cast

from papers.sources import Entry, Parsed, clean, json_lines, oai, parsers

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


class Stretch(NamedTuple):
    """Some records of a file, and how many of its bytes are read, packed as they are."""

    found: list[Entry | Refused]
    read: int


def read(file: IO[bytes], name: str, day: date | None, size: int) -> Iterator[Stretch]:
    """So many records at a time; `day` is theirs where the file itself gives none."""
    items = _items(_unpacked(file), name, day)
    while found := list(islice(items, size)):
        yield Stretch(found, file.tell())


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return cast(IO[bytes], gzip.open(raw)) if packed else raw


def _items(file: IO[bytes], name: str, day: date | None) -> Iterator[Entry | Refused]:
    """Line by line where any of the first lines is a record by itself, else the body as one."""
    head = [line for _ in range(HEAD) if (line := file.readline(LONGEST))]
    if any(_is_record(line) for line in head):
        return _of_lines(chain(head, iter(partial(file.readline, LONGEST), b"")), day)
    return _of_body(b"".join(head) + file.read(LARGEST), name, day)


def _is_record(line: bytes) -> bool:
    try:
        return bool(json_lines.record_of(line))
    except ValueError:
        return False


def _of_lines(lines: Iterable[bytes], day: date | None) -> Iterator[Entry | Refused]:
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            yield _on(day, json_lines.entry_of(json_lines.record_of(line)))
        except ValueError as error:
            yield Refused(number, str(error), line.decode(errors="replace").strip())


def _of_body(body: bytes, name: str, day: date | None) -> Iterator[Entry | Refused]:
    """One answer: OAI-PMH, a feed, or the daily-papers API, whose day only the file's name has."""
    start = body[:HEAD_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    parsed: oai.Page | Parsed
    if b"<OAI-PMH" in start:
        parsed = oai.parse(body)
    elif start.startswith(b"<"):
        parsed = parsers.parse("feed", body)
    else:
        parsed = parsers.parse("daily-papers", body)
        day = day or _day_in_name(name)
    for entry in parsed.entries:
        yield _on(day, entry)
    for rejected in parsed.rejected:
        yield Refused(rejected.index + 1, rejected.reason)


def _on(day: date | None, entry: Entry) -> Entry:
    return entry if entry.listed_on or not day else replace(entry, listed_on=day)


def _day_in_name(name: str) -> date | None:
    return clean.day(found[0]) if (found := DATE_IN_NAME.search(name)) else None
