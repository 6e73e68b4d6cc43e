"""Fetch, parse, upsert, assign: how an entry of a source becomes a paper, or makes one newer."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from itertools import chain
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from papers import identifiers
from papers.ingest import arxiv_limiter, topic_rules
from papers.ingest.copy_rows import copy_in, copy_in_whole, number
from papers.models import (
    Alias,
    Paper,
    PaperEmbedding,
    PaperSearch,
    PaperTopic,
    Poll,
    Source,
    Tombstone,
)
from papers.sources import Entry, Parsed, ParseError, http, sandbox
from papers.sources.feed import NotThisWay

ONE_AT_A_TIME = 0x7061706572  # "paper": the advisory lock under which papers are written
LIMITS = http.Limits(
    total_seconds=15,  # and 12 for reading it: every poll ends within half a minute
    wire_bytes=10_000_000,  # arXiv's largest feed, 2,000 entries, not packed
)
TEXT = ("title", "abstract", "title_text", "abstract_text", "authors")
FILLED = ("abstract_url", "pdf_url", "code_url", "project_url", "doi", "journal_ref")
WRITTEN = [
    *TEXT,
    *("primary_category", "categories", "version", "submitted_at", "updated_at"),
    *("announced_on", "listed_on", "listed_at", "listing_wanted", "withdrawn"),
    *(*FILLED, "submitter_name", "extra", "votes_brought"),
]
FOUND_BY = ("title", "authors", "abstract", "author_names")
ABOUT = ("paper_id", "topic_id", "by", "against")

Names = list[tuple[str, str]]  # (scheme, value), the most trusted first
Known = dict[tuple[str, str], Paper]


class List(Enum):
    """What an entry's arrival does to the pages."""

    ON_ITS_DAY = "day"  # the source's, else the archive's, else today
    ON_A_GIVEN_DAY = "given"  # only where the entry itself names one
    IN_THE_QUEUE = "queue"
    NOWHERE = "nowhere"


@dataclass(slots=True)
class Brought:
    """What a batch of entries came to."""

    entries: int = 0
    new: list[Paper] = field(default_factory=list)
    updated: list[Paper] = field(default_factory=list)
    reworded: list[Paper] = field(default_factory=list)  # those of them to be found otherwise
    left_out: int = 0  # replacements of papers we do not have, and tombstones

    def __str__(self) -> str:
        return f"{self.entries} entries: {len(self.new)} new, {len(self.updated)} updated"


def poll(source: Source, now: datetime, *, patient: bool = False) -> Poll | None:
    """Ask a source once, if it is due and nobody else is at it; the outcome is on its row.

    Where others are at arXiv's hosts it stays due, unless the caller is `patient`.
    """
    if not source.claim(now):
        return None
    attempt = Poll(source=source, started_at=now)
    try:
        _take_in(_fetch(source, patient), source, attempt, now)
    except arxiv_limiter.NotNow as busy:
        source.put_back(now + busy.wait)
        return None
    except http.FetchError as error:
        attempt.status, attempt.error = error.status, _explained(source, error)
        if error.retry_after is not None:
            arxiv_limiter.hold_off(source.address, error.retry_after)
        source.failed(now, attempt.error, retry_after=error.retry_after, gone=error.gone)
    except ParseError as error:
        attempt.error = str(error)
        source.failed(now, str(error))
    except Exception as error:  # ours, not theirs: the operator reads it, the log has the rest
        if _database_went_away(error):
            raise  # nothing to wait an hour for: the lease ends sooner
        attempt.error = f"{type(error).__name__}: {error}"
        source.failed(now, attempt.error)
        _keep(attempt)
        raise
    _keep(attempt)
    return attempt


def _database_went_away(error: Exception) -> bool:
    """By what the server said last (class 08, 57P01 to 57P03), or that it said nothing."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None) or "08"
    return state.startswith(("08", "57P"))


def _fetch(source: Source, patient: bool) -> http.Fetched:
    with arxiv_limiter.turns(patient=patient) as turn:
        return http.fetch(
            source.address,
            etag=source.etag,
            last_modified=source.last_modified,
            user_agent=user_agent(),
            allow_private=settings.FETCH_ALLOW_PRIVATE,
            limits=LIMITS,
            turn=turn,
        )


def _take_in(fetched: http.Fetched, source: Source, attempt: Poll, now: datetime) -> None:
    attempt.status, attempt.bytes = fetched.status, len(fetched.body)
    if fetched.status == 304:
        _succeed(source, fetched, now)
        return
    try:
        _write_in_turn(sandbox.stream(source.kind, fetched.body), fetched, source, attempt, now)
    except NotThisWay:  # a large feed that breaks off, and comes whole if read with indulgence
        whole = sandbox.read(source.kind, fetched.body)
        _write_in_turn(whole, fetched, source, attempt, now)


def _write_in_turn(
    batches: Iterator[Parsed], fetched: http.Fetched, source: Source, attempt: Poll, now: datetime
) -> None:
    """Write each batch while the next is being read; all of them stand, or none."""
    attempt.entries = attempt.rejected = attempt.new = attempt.updated = 0
    listing = List.IN_THE_QUEUE if source.listing == Source.Listing.QUEUE else List.ON_ITS_DAY
    first = next(batches, Parsed([], []))  # what cannot be read at all must not hold up writers
    with transaction.atomic():  # the validators stand only with the entries behind them
        for parsed in chain([first], batches):
            brought = upsert(parsed.entries, now=now, listing=listing, source=source)
            _count(attempt, parsed, brought)
        source.saw(attempt.newest_on, now)
        _succeed(source, fetched, now)


def _count(attempt: Poll, parsed: Parsed, brought: Brought) -> None:
    if parsed.rejected and not attempt.rejected:
        first = parsed.rejected[0]
        attempt.error = f"entry {first.index + 1} left out: {first.reason}"
    attempt.entries += len(parsed.entries)
    attempt.rejected += len(parsed.rejected)
    attempt.new += len(brought.new)
    attempt.updated += len(brought.updated)
    days = [entry.announced_on or entry.listed_on for entry in parsed.entries]
    attempt.newest_on = max(filter(None, [attempt.newest_on, *days]), default=None)


def _succeed(source: Source, fetched: http.Fetched, now: datetime) -> None:
    source.succeeded(
        now,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        moved_to=fetched.moved_permanently_to,
    )


def _keep(attempt: Poll) -> None:
    attempt.finished_at = timezone.now()
    attempt.save()


def _explained(source: Source, error: http.FetchError) -> str:
    """An error page may be a feed that says what is wrong, as arXiv's are."""
    try:
        if error.body:
            next(sandbox.read(source.kind, error.body), None)
    except ParseError as words:
        return f"{error}: {words}"
    return str(error)


def user_agent() -> str:
    return f"TrendingPapers/1.0 (+{settings.SITE_URL}; mailto:{settings.CONTACT_EMAIL})"


@transaction.atomic
def upsert(
    entries: Iterable[Entry],
    *,
    now: datetime,
    listing: List = List.ON_ITS_DAY,
    source: Source | None = None,
) -> Brought:
    """Bring papers up to what these entries say; twice is the same as once.

    Writers take turns, so that two feeds with one paper between them make one paper.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    named = [(entry, _names(entry)) for entry in entries]
    names = {name for _, theirs in named for name in theirs}
    known = _known(names)
    _merge(named, known)
    buried = _among(Tombstone, names)
    aliases: Known = {}
    changed: dict[Paper, set[str]] = defaultdict(set)
    brought = Brought()
    for entry, theirs in named:
        brought.entries += 1
        paper = next(iter(_found(entry, theirs, known)), None)
        if not buried.isdisjoint(theirs) or (paper is None and not _admitted(entry)):
            brought.left_out += 1
            continue
        if paper is None:
            paper = _new(entry, source, now, listing)
            brought.new.append(paper)
        elif (parts := _renew(paper, entry, now, listing)) and not paper._state.adding:
            changed[paper] |= parts
        for name in theirs:
            if name not in known:
                known[name] = aliases[name] = paper
    brought.updated = list(changed)
    brought.reworded = [paper for paper, parts in changed.items() if not parts.isdisjoint(TEXT)]
    _write(brought, aliases)
    copy_in(PaperTopic, ABOUT, map(attrgetter(*ABOUT), topic_rules.rows_of(brought.new, source)))
    topic_rules.assign(brought.updated, source)
    return brought


def _names(entry: Entry) -> Names:
    return identifiers.aliases(
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        identifiers=entry.identifiers,
        link=entry.abstract_url,
        title=entry.title,
        abstract=entry.abstract,
    )


def _known(names: set[tuple[str, str]]) -> Known:
    """Each known name's paper; one object for each paper, however many names it has."""
    rows = Alias.objects.filter(value__in={value for _, value in names})
    pairs = {(row.scheme, row.value): row.paper_id for row in rows}
    papers = Paper.objects.in_bulk({pairs[name] for name in names if name in pairs})
    return {name: papers[pairs[name]] for name in names if name in pairs}


def _among(model: type[Tombstone], names: set[tuple[str, str]]) -> set[tuple[str, str]]:
    rows = model.objects.filter(value__in={value for _, value in names})
    return names & set(rows.values_list("scheme", "value"))


def _merge(named: list[tuple[Entry, Names]], known: Known) -> None:
    """What an entry knows by two names, and we as two papers, is one from now on."""
    for entry, theirs in named:
        found = _found(entry, theirs, known)
        for other in found[1:]:
            if other.arxiv_id == "":
                found[0].merge(other)
                known.update({name: found[0] for name in known if known[name] is other})


def _found(entry: Entry, theirs: Names, known: Known) -> list[Paper]:
    """The papers that have one of these names, the one to keep first.

    Two arXiv ids are two works, whatever DOI they share: an erratum has its article's.
    """
    own = known.get(("arxiv", entry.arxiv_id))
    found: list[Paper] = []
    for name in theirs:
        paper = known.get(name)
        another = entry.arxiv_id and paper is not own and paper and paper.arxiv_id
        if paper is not None and not another and all(paper is not it for it in found):
            found.append(paper)
    return sorted(found, key=lambda paper: (paper is not own, paper.arxiv_id == ""))


def _admitted(entry: Entry) -> bool:
    """Whether it may become a paper: replacements only update those already here."""
    return entry.announce_type in {"", "new", "cross"}


def _new(entry: Entry, source: Source | None, now: datetime, listing: List) -> Paper:
    paper = Paper(key=entry.arxiv_id or identifiers.random_key(), source=source, created_at=now)
    paper.title = paper.abstract = ""
    _take(paper, entry, now, listing)
    return paper


def _renew(paper: Paper, entry: Entry, now: datetime, listing: List) -> set[str]:
    """What an entry changed."""
    before = [getattr(paper, name) for name in WRITTEN]
    _take(paper, entry, now, listing)
    return {name for name, old in zip(WRITTEN, before, strict=True) if old != getattr(paper, name)}


def _take(paper: Paper, entry: Entry, now: datetime, listing: List) -> None:
    """Take what is newer or was missing."""
    newer = _is_newer(paper, entry)
    for name in (*TEXT, "primary_category", "categories"):
        value = getattr(entry, name)
        if value and (newer or not getattr(paper, name)):
            setattr(paper, name, list(value) if isinstance(value, tuple) else value)
    for name in (*FILLED, "submitter_name"):
        if not getattr(paper, name):
            setattr(paper, name, getattr(entry, name))
    if newer:
        paper.version = entry.version or paper.version
        paper.withdrawn = entry.withdrawn
    if _admitted(entry):  # a replacement's day is not the paper's
        paper.announced_on = _first(paper.announced_on, entry.announced_on)
        _list(paper, entry, now, listing)
    paper.submitted_at = _first(paper.submitted_at, entry.submitted_at)
    paper.updated_at = max(filter(None, [paper.updated_at, entry.updated_at]), default=None)
    paper.votes_brought = max(paper.votes_brought, entry.upvotes)
    paper.extra = paper.extra | entry.extra


def _is_newer(paper: Paper, entry: Entry) -> bool:
    """An older version never overwrites; of two without a number the richer text stays."""
    if entry.version is None and paper.version is None:
        return len(entry.abstract) >= len(paper.abstract)
    return (entry.version or 0) >= (paper.version or 0)


def _first(*moments: Any) -> Any:
    return min(filter(None, moments), default=None)


def _list(paper: Paper, entry: Entry, now: datetime, listing: List) -> None:
    """Put it on a page, once: its day never moves, nor comes back once a curator took it off."""
    if paper.listed_at is not None or listing is List.NOWHERE:
        return
    today = timezone.localdate(now)
    day: date | None = entry.listed_on
    if listing is List.IN_THE_QUEUE:
        paper.listing_wanted = True
        return
    if listing is List.ON_ITS_DAY:
        day = day or entry.announced_on or today
    if day is not None:
        paper.listed_on, paper.listed_at = min(day, today), now
        paper.listing_wanted = False


def _write(brought: Brought, aliases: Known) -> None:
    number(brought.new)
    # The search entries first: they take PostgreSQL longest, and it works while we go on.
    found_by = ((paper.pk, *_found_by(paper)) for paper in brought.new)
    copy_in(PaperSearch, ("paper_id", *FOUND_BY), found_by)
    copy_in(PaperEmbedding, ("paper_id", "attempts"), ((paper.pk, 0) for paper in brought.new))
    copy_in_whole(brought.new)
    names = ((*name, paper.pk) for name, paper in aliases.items())
    copy_in(Alias, ("scheme", "value", "paper_id"), names)
    again = [
        PaperSearch(pk=paper.pk, **dict(zip(FOUND_BY, _found_by(paper), strict=True)))
        for paper in brought.reworded
    ]
    PaperSearch.objects.bulk_update(again, FOUND_BY, batch_size=200)
    PaperEmbedding.objects.reset(row.pk for row in again)
    Paper.objects.bulk_update(brought.updated, WRITTEN, batch_size=200)


def _found_by(paper: Paper) -> tuple[str, list[str], str, list[str]]:
    """What it is found by: the values of FOUND_BY."""
    names = [identifiers.fold_name(name) for name in paper.authors]
    return paper.title_text, paper.authors, paper.abstract_text, names
