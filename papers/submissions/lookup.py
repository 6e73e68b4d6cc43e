"""Looks up the record of an id at its archives: run by a worker, while a reader waits."""

from datetime import datetime, timedelta

from papers.ingest import arxiv_limiter
from papers.ingest.fetch import fetch
from papers.models import RecordLookup
from papers.sources import Entry, ParseError, http, sandbox
from papers.submissions import archives, stored_entry

LIMITS = http.Limits(total_seconds=8, connect_seconds=4, decoded_bytes=4_000_000)
ARXIV_PAUSE = timedelta(seconds=1)  # until another try where other requests to arXiv run
MAX_ERROR_CHARS = 500
State = RecordLookup.State


def look_up(row: RecordLookup, now: datetime) -> None:
    """Fetch the record of a row that is due, and store it or why there is none."""
    if not row.claim(now):
        return
    failure: dict[str, str] = {}  # of the first archive that did not answer
    for address in archives.addresses(row.scheme, row.value):
        try:
            entry = _record(address, row)
        except arxiv_limiter.NotNow as busy:
            row.release(now + max(busy.wait, ARXIV_PAUSE))
            return
        except (http.FetchError, ParseError) as error:
            failure = failure or {
                "archive": address.archive,
                "error": str(error)[:MAX_ERROR_CHARS],
            }
            continue
        if entry:
            row.finish(State.FOUND, record=stored_entry.to_json(entry), archive=address.archive)
            return
    row.finish(State.FAILED if failure else State.MISSING, **failure)


def _record(address: archives.Address, row: RecordLookup) -> Entry | None:
    """The record at this address; None where the archive says that it has none.

    Raises FetchError, ParseError or `arxiv_limiter.NotNow`.
    """
    try:
        response = fetch(address.url, limits=LIMITS, patient=False)
    except http.FetchError as error:
        if error.status in address.missing_status:
            return None
        if error.retry_after is not None:
            arxiv_limiter.hold_off(address.url, error.retry_after)
        raise
    entries = [entry for part in sandbox.read(address.parser, response.body) for entry in part[0]]
    return next((entry for entry in entries if _is_of(entry, row)), None)


def _is_of(entry: Entry, row: RecordLookup) -> bool:
    """Whether the archive answered with what was asked for."""
    names = {**dict(entry.identifiers), "arxiv": entry.arxiv_id, "doi": entry.doi.lower()}
    return names.get(row.scheme) == row.value
