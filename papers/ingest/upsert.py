"""Writes entries as papers: a new work becomes a new paper, a known paper is updated."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import connection, transaction

from papers import identifiers
from papers.ingest import topic_rules
from papers.ingest.copy_rows import assign_keys, copy_objects, copy_values
from papers.ingest.listing_day import ListingRule, list_paper
from papers.ingest.matching import (
    WEAK_SCHEMES,
    KnownPapers,
    Names,
    PapersByName,
    names_of_entry,
)
from papers.ingest.precedence import Precedence
from papers.models import Alias, EmbeddingJob, Paper, PaperSearch, PaperTopic, Source
from papers.sources import Entry

WRITE_LOCK = 0x7061706572  # "paper" in ASCII: the advisory lock that writers of papers hold
UPDATE_BATCH_ROWS = 200
TEXT_FIELDS = ("title", "abstract", "title_text", "abstract_text", "authors")
CATEGORY_FIELDS = ("primary_category", "categories")
# Fields that `precedence` compares, and what is copied along with each.
COMPANION_FIELDS = {
    "title": "title_text",
    "abstract": "abstract_text",
    "authors": "",
    "categories": "primary_category",
}
# The first value stays: a later entry fills these only where they are empty.
FILL_FIELDS = (
    *("abstract_url", "pdf_url", "code_url", "project_url", "doi", "journal_ref"),
    "submitter_name",
)
# Which follow where the paper's own source moves it to.
PAGE_FIELDS = ("abstract_url", "pdf_url")
UPDATED_FIELDS = [
    *TEXT_FIELDS,
    *CATEGORY_FIELDS,
    *("version", "submitted_at", "updated_at", "withdrawn"),
    *("announced_on", "listed_on", "listed_at", "listing_wanted", "described_by_reader"),
    *FILL_FIELDS,
    *("extra", "votes_brought"),
]
SEARCH_FIELDS = ("title", "authors", "abstract", "author_names")
TOPIC_FIELDS = ("paper_id", "topic_id", "by", "against")


@dataclass(slots=True)
class UpsertResult:
    """What a batch of entries did to the papers."""

    entries: int = 0
    replacements: int = 0  # left out: of papers that are not here
    deleted: int = 0  # left out: of papers that a curator deleted forever
    papers: list[Paper] = field(default_factory=list)  # of each entry that was not left out
    new: list[Paper] = field(default_factory=list)
    changed_fields: dict[Paper, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def left_out(self) -> int:
        return self.replacements + self.deleted

    @property
    def updated(self) -> list[Paper]:
        return list(self.changed_fields)

    def __str__(self) -> str:
        return f"{self.entries} entries: {len(self.new)} new, {len(self.updated)} updated"


@transaction.atomic(savepoint=False)  # no caller goes on after an error in here
def upsert(
    entries: Iterable[Entry],
    *,
    now: datetime,
    listing: ListingRule = ListingRule.OWN_DAY_OR_TODAY,
    source: Source | None = None,
) -> UpsertResult:
    """Make or update the papers of these entries; the same entries again change nothing.

    Writers take turns, so that two feeds with the same paper make one paper.
    """
    wait_for_turn()
    named_entries = [(entry, names_of_entry(entry, source)) for entry in entries]
    known = KnownPapers(named_entries, source)
    result = UpsertResult(entries=len(named_entries))
    before: dict[Paper, list[Any]] = {}
    new_names: PapersByName = {}
    for entry, names in named_entries:
        paper = known.find(entry, names)
        if known.are_deleted(names):
            result.deleted += 1
            continue
        if paper is None and _is_replacement(entry):
            result.replacements += 1
            continue
        if paper is None:
            paper = _new_paper(entry, source, now)
            result.new.append(paper)
        elif not paper._state.adding:
            before.setdefault(paper, _values(paper))
        _copy_fields(paper, entry, source, now, listing)
        result.papers.append(paper)
        new_names |= known.add(_worth_keeping(names, entry, paper), paper)
    result.changed_fields |= _changed_fields(before)
    _insert(result.new, new_names)
    _save_updated(result)
    rows = topic_rules.rows_of(result.new, source)
    copy_values(PaperTopic, TOPIC_FIELDS, map(attrgetter(*TOPIC_FIELDS), rows))
    topic_rules.assign(result.updated, source)
    return result


def wait_for_turn() -> None:
    """Lock out other writers until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITE_LOCK])


def _is_replacement(entry: Entry) -> bool:
    """A replacement only updates a paper that is already here; arXiv's announce types."""
    return entry.announce_type not in {"", "new", "cross"}


def _new_paper(entry: Entry, source: Source | None, now: datetime) -> Paper:
    paper = Paper(key=entry.arxiv_id or identifiers.random_key(), source=source, created_at=now)
    paper.title = paper.abstract = ""
    return paper


def _worth_keeping(names: Names, entry: Entry, paper: Paper) -> Names:
    """A known paper with a guid gets no alias of each address that its source gives it."""
    if paper._state.adding or not entry.guid:
        return names
    return [name for name in names if name[0] not in WEAK_SCHEMES]


def _values(paper: Paper) -> list[Any]:
    return [getattr(paper, name) for name in UPDATED_FIELDS]


def _changed_fields(before: dict[Paper, list[Any]]) -> dict[Paper, set[str]]:
    """What the whole batch changed: an entry may take back what one before it did."""
    changed = {
        paper: {
            name
            for name, old, value in zip(UPDATED_FIELDS, values, _values(paper), strict=True)
            if old != value
        }
        for paper, values in before.items()
    }
    return {paper: names for paper, names in changed.items() if names}


def _copy_fields(
    paper: Paper, entry: Entry, source: Source | None, now: datetime, listing: ListingRule
) -> None:
    """Copy what the entry knows better, or what is empty on the paper. Not saved."""
    precedence = Precedence(paper, entry, source)
    taken = [
        name
        for name in COMPANION_FIELDS
        if precedence.takes(name, getattr(paper, name), getattr(entry, name))
    ]
    for name in taken:
        for field_name in (name, COMPANION_FIELDS[name]):
            value = getattr(entry, field_name) if field_name else ""
            if value:
                setattr(paper, field_name, list(value) if isinstance(value, tuple) else value)
    follows_source = precedence.is_own_source and not paper.arxiv_id
    for name in FILL_FIELDS:
        value = getattr(entry, name)
        if not getattr(paper, name) or (value and follows_source and name in PAGE_FIELDS):
            setattr(paper, name, value)
    if precedence.is_higher or (precedence.is_equal and precedence.is_own_source):
        paper.withdrawn = entry.withdrawn
    elif precedence.is_equal:
        paper.withdrawn = paper.withdrawn or entry.withdrawn
    if precedence.is_higher:
        paper.version = entry.version or paper.version
    if not _is_replacement(entry):  # the day of a replacement is not the paper's
        paper.announced_on = _earliest(paper.announced_on, entry.announced_on)
        list_paper(paper, entry, now, listing)
    paper.submitted_at = _earliest(paper.submitted_at, entry.submitted_at)
    paper.updated_at = max(filter(None, [paper.updated_at, entry.updated_at]), default=None)
    paper.votes_brought = max(paper.votes_brought, entry.upvotes)
    paper.described_by_reader = False  # papers.submissions sets it again for a new one
    paper.extra = precedence.extra(paper.extra, entry.extra)


def _earliest(*moments: Any) -> Any:
    return min(filter(None, moments), default=None)


def _insert(papers: list[Paper], names: PapersByName) -> None:
    """Write new papers, and the new names of new and known ones."""
    assign_keys(papers)
    # Search rows first: PostgreSQL takes longest over them, and works while we go on.
    search_rows = ((paper.pk, *_search_values(paper)) for paper in papers)
    copy_values(PaperSearch, ("paper_id", *SEARCH_FIELDS), search_rows)
    copy_values(EmbeddingJob, ("paper_id", "attempts"), ((paper.pk, 0) for paper in papers))
    copy_objects(papers)
    alias_rows = ((*name, paper.pk) for name, paper in names.items())
    copy_values(Alias, ("scheme", "value", "paper_id"), alias_rows)


def _save_updated(result: UpsertResult) -> None:
    """Save the updated papers; where the text changed, index and embed it again."""
    search_rows = [
        PaperSearch(pk=paper.pk, **dict(zip(SEARCH_FIELDS, _search_values(paper), strict=True)))
        for paper, changed in result.changed_fields.items()
        if not changed.isdisjoint(TEXT_FIELDS)
    ]
    PaperSearch.objects.bulk_update(search_rows, SEARCH_FIELDS, batch_size=UPDATE_BATCH_ROWS)
    EmbeddingJob.objects.queue(row.pk for row in search_rows)
    Paper.objects.bulk_update(result.updated, UPDATED_FIELDS, batch_size=UPDATE_BATCH_ROWS)


def _search_values(paper: Paper) -> tuple[str, list[str], str, list[str]]:
    """The values of SEARCH_FIELDS."""
    names = [identifiers.fold_name(name) for name in paper.authors]
    return paper.title_text, paper.authors, paper.abstract_text, names
