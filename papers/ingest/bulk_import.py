"""Bulk import: a file of any known form, streamed in batches that stand once written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from papers.ingest import upsert
from papers.sources import Entry, sandbox
from papers.sources.files import Refused

BATCH = 1_000


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

    The file is read in another process, while PostgreSQL writes what was found before. A
    ParseError says that the file is of no form known here.
    """
    listing = upsert.List.ON_A_GIVEN_DAY if listed else upsert.List.NOWHERE
    for found, read in sandbox.read_file(path, day, BATCH):
        entries = [item for item in found if isinstance(item, Entry)]
        refused = [item for item in found if isinstance(item, Refused)]
        brought = upsert.upsert(entries, now=now, listing=listing)
        yield Batch(read, len(entries), len(brought.new), len(brought.updated), refused)
