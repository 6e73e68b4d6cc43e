"""Imports a file of papers, of any form in `papers.sources.import_file`, batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from papers.ingest.listing_day import ListingRule
from papers.ingest.upsert import upsert
from papers.sources import Entry, sandbox
from papers.sources.import_file import RejectedRecord, Remark

IMPORT_BATCH_ROWS = 1_000


@dataclass(slots=True)
class Batch:
    """What one part of the file came to."""

    read: int  # bytes of the file so far, compressed as they are
    entries: int
    new: int
    updated: int
    refused: list[RejectedRecord]
    remarks: list[str]


def run(path: Path, *, now: datetime, listed: bool, day: date | None = None) -> Iterator[Batch]:
    """Import batch by batch, each committed by itself; a second run changes nothing.

    So a run that was killed is simply run again. The file is parsed in another process, while
    PostgreSQL writes the batch before. With `listed`, papers go to the page of their day, which is
    `day` where the file has none. Raises ParseError if the form of the file is not known.
    """
    listing = ListingRule.GIVEN_DAY if listed else ListingRule.UNLISTED
    for items, read in sandbox.read_file(path, day, IMPORT_BATCH_ROWS):
        entries = [item for item in items if isinstance(item, Entry)]
        refused = [item for item in items if isinstance(item, RejectedRecord)]
        remarks = [item.text for item in items if isinstance(item, Remark)]
        result = upsert(entries, now=now, listing=listing)
        yield Batch(read, len(entries), len(result.new), len(result.updated), refused, remarks)
