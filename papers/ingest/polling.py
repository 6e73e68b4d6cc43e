"""Polls one source: fetch, parse, upsert, and record the outcome on the source and as a Poll."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from papers.ingest import arxiv_limiter
from papers.ingest.fetch import fetch
from papers.ingest.listing_day import ListingRule
from papers.ingest.upsert import UpsertResult, upsert
from papers.models import Poll, Source
from papers.sources import IncompleteAnswer, Parsed, ParseError, http, sandbox
from papers.sources.feed_xml import StreamingFailed

FETCH_LIMITS = http.Limits(
    total_seconds=15,  # and 12 for parsing: every poll ends within half a minute
    wire_bytes=10_000_000,  # arXiv's largest feed, 2,000 entries, uncompressed
)


def poll(source: Source, now: datetime, *, patient: bool = False) -> Poll | None:
    """Poll a source once. None if it is not due, or another process holds its lease.

    If another process is using arXiv's hosts: None, and the source stays due; a `patient` caller
    waits instead. Failures of the source are recorded, bugs of ours are recorded and raised.
    """
    if not source.claim(now):
        return None
    record = Poll(source=source, started_at=now)
    try:
        _poll(source, record, now, patient)
        return record
    except arxiv_limiter.NotNow as busy:
        source.release(now + busy.wait)
        return None
    except http.FetchError as error:
        record.status, record.error = error.status, _error_text(source, error)
        if error.retry_after is not None:
            arxiv_limiter.hold_off(source.request_url, error.retry_after)
        source.mark_failed(now, record.error, retry_after=error.retry_after, gone=error.gone)
    except ParseError as error:
        record.error = str(error)
        source.mark_failed(now, str(error), soon=isinstance(error, IncompleteAnswer))
    except Exception as error:  # a bug of ours: the operator reads it here, the log has the rest
        if _is_lost_connection(error):
            raise  # no reason to wait an hour: the lease ends sooner
        record.error = f"{type(error).__name__}: {error}"
        source.mark_failed(now, record.error)
        _save(record)
        raise
    _save(record)
    return record


def _poll(source: Source, record: Poll, now: datetime, patient: bool) -> None:
    fetched = fetch(
        source.request_url,
        limits=FETCH_LIMITS,
        patient=patient,
        etag=source.etag,
        last_modified=source.last_modified,
    )
    record.status, record.bytes = fetched.status, len(fetched.body)
    if fetched.status == 304:
        _mark_succeeded(source, fetched, record, now)
        return
    try:
        _write(sandbox.stream(source.kind, fetched.body), source, fetched, record, now)
    except StreamingFailed:  # a large feed, malformed near its end: the tolerant parser reads it
        _write(sandbox.read(source.kind, fetched.body), source, fetched, record, now)


def _write(
    batches: Iterator[Parsed], source: Source, fetched: http.Response, record: Poll, now: datetime
) -> None:
    """Write each batch while the next is being parsed, all in one transaction."""
    record.entries = record.rejected = record.new = record.updated = 0
    queued = source.listing == Source.Listing.QUEUE
    listing = ListingRule.QUEUE if queued else ListingRule.OWN_DAY_OR_TODAY
    # Before the transaction: a body that cannot be parsed must not keep other writers waiting.
    first = next(batches, Parsed([], []))
    left_out = _LeftOut()
    with transaction.atomic():  # validators and record are saved only with the papers
        for parsed in chain([first], batches):
            result = upsert(parsed.entries, now=now, listing=listing, source=source)
            _add_counts(record, parsed, result)
            left_out.add(result)
        record.note = str(left_out)
        source.note_newest(record.newest_on, now)
        _mark_succeeded(source, fetched, record, now)


class _LeftOut:
    """Counts the entries that became no paper of their own, for the poll's outcome."""

    def __init__(self) -> None:
        self.papers: set[int] = set()
        self.repeated = self.replacements = self.deleted = 0

    def add(self, result: UpsertResult) -> None:
        papers = {paper.pk for paper in result.papers}
        self.repeated += len(result.papers) - len(papers - self.papers)
        self.replacements += result.replacements
        self.deleted += result.deleted
        self.papers |= papers

    def __str__(self) -> str:
        """Such as "left out: 3 repeated"; empty if nothing was left out."""
        counts = {
            "repeated": self.repeated,
            "revisions of papers that are not here": self.replacements,
            "deleted by a curator": self.deleted,
        }
        shown = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"left out: {shown}" if shown else ""


def _add_counts(record: Poll, parsed: Parsed, result: UpsertResult) -> None:
    if parsed.rejected and not record.rejected:
        first = parsed.rejected[0]
        record.error = f"entry {first.index + 1} left out: {first.reason}"
    record.entries += len(parsed.entries)
    record.rejected += len(parsed.rejected)
    record.new += len(result.new)
    record.updated += len(result.updated)
    days = [entry.announced_on or entry.listed_on for entry in parsed.entries]
    record.newest_on = max(filter(None, [record.newest_on, *days]), default=None)


def _mark_succeeded(source: Source, fetched: http.Response, record: Poll, now: datetime) -> None:
    source.mark_succeeded(
        now,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        moved_to=fetched.moved_permanently_to,
    )
    _save(record)


def _save(record: Poll) -> None:
    record.finished_at = timezone.now()
    record.save()


def _error_text(source: Source, error: http.FetchError) -> str:
    """The error, with its reason if the error page is a feed that gives one, as arXiv's do."""
    try:
        if error.body:
            next(sandbox.read(source.kind, error.body), None)
    except ParseError as reason:
        return f"{error}: {reason}"
    return str(error)


def _is_lost_connection(error: Exception) -> bool:
    """Whether the database went away: SQLSTATE class 08 or 57P01 to 57P03, or none at all.

    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None) or "08"
    return state.startswith(("08", "57P"))
