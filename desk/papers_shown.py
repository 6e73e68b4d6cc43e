"""What the desk shows: a page of the queue, the papers of a day, its tabs, the last actions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import CuratorNote
from papers.models import CuratorAction, Paper, PaperTopic, Submission
from papers.models.day_order import in_curated_order
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import CURATED_ORDER

PAGE_SIZE = 50  # papers of the queue
DAYS_AHEAD = 4  # with a tab each, beside today
MAX_ACTIONS_SHOWN = 8
ENTRIES_READ = 60  # of the log, to find them in
SORTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "expected": ("Most expected first", ("-expected_votes", "-pk")),
    "new": ("Newest first", ("-pk",)),
    "old": ("Longest waiting first", ("pk",)),
}
# What a row of the day shows, and what a row of the queue does. Others would be fetched one by one.
COLUMNS_OF_DAY = (
    *("key", "title_text", "authors", "upvotes", "curation_version"),
    *("listed_on", "listing_wanted", "hidden_at", "position", "featured"),
)
COLUMNS_OF_QUEUE = (
    *COLUMNS_OF_DAY,
    *("title", "abstract", "created_at", "expected_votes", "withdrawn", "described_by_reader"),
    *("abstract_url", "pdf_url", "doi", "code_url", "project_url"),
    *("submitter_name", "submitter__name", "source__name"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    day: date
    label: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Action:
    """What a curator did, in one line, on one or many papers."""

    entries: list[CuratorAction]

    @property
    def first(self) -> CuratorAction:
        return self.entries[0]

    @property
    def can_undo(self) -> bool:
        return self.first.can_undo

    def __str__(self) -> str:
        subjects = [entry for entry in self.entries if entry.is_public] or self.entries
        others = len({entry.about_key for entry in subjects}) - 1
        title = f"“{subjects[0].about_name}”" + (f" and {others} more" if others else "")
        details = " ".join(filter(None, [self.first.details, self.first.why]))
        verb = self.first.get_verb_display().capitalize()
        return f"{verb}: {title}" + (f" ({details})" if details else "")


def queue_page(sort: str, number: int) -> list[Paper]:
    """The papers of one page of the queue, and one more where there is a next page."""
    start = (number - 1) * PAGE_SIZE
    return list(queue_rows().queued().order_by(*SORTS[sort][1])[start : start + PAGE_SIZE + 1])


def day_papers(day: date) -> list[Paper]:
    """As they stand on the page of the day."""
    return in_curated_order(day_rows().listed(day, day).order_by(*CURATED_ORDER))


# Both are kept, as they take longer to build than to filter for the few papers of an action.


@cache
def day_rows() -> PaperQuerySet:
    """All papers, each with what a row of the day shows."""
    return _rows().only(*COLUMNS_OF_DAY)


@cache
def queue_rows() -> PaperQuerySet:
    """All papers, each with what a row of the queue shows.

    That is also `submitted_because`: why a reader submitted it, in their words.
    """
    reasons = Submission.objects.filter(paper=OuterRef("pk")).exclude(why="").order_by("pk")
    rows = _rows().annotate(submitted_because=Subquery(reasons.values("why")[:1]))
    return rows.select_related("source", "submitter").only(*COLUMNS_OF_QUEUE)


def _rows() -> PaperQuerySet:
    """With `topic_names`, and `private_notes` of curators, as CuratorNote gives them."""
    topics = PaperTopic.objects.assigned().filter(paper=OuterRef("pk"))
    topics = topics.order_by("topic__position", "topic__name")
    return Paper.objects.annotate(
        topic_names=ArraySubquery(topics.values("topic__name")),
        private_notes=ArraySubquery(CuratorNote.objects.about_each(Paper).as_json()),
    )


def day_order(day: date) -> list[int]:
    """Primary keys of the papers of this day, as they stand on its page."""
    papers = Paper.objects.listed(day, day).order_by(*CURATED_ORDER)
    rows: Iterable[Any] = papers.values_list("pk", "listed_on", "position", named=True)
    return [row.pk for row in in_curated_order(rows)]


def counts(shown: date) -> dict[date | None, int]:
    """The number of papers of each day from today on, and of the queue (None); in one query."""
    first = min(timezone.localdate(), shown)
    counted = Q(listed_on__gte=first) | Q(listed_on=None, listing_wanted=True)
    rows = Paper.objects.filter(counted, hidden_at=None).order_by().values_list("listed_on")
    return dict(rows.annotate(Count("pk")))


def tabs(shown: date, counts: dict[date | None, int]) -> list[Tab]:
    """Today and the next days, and every other day to come that has papers."""
    today = timezone.localdate()
    days = {today + timedelta(days=number) for number in range(DAYS_AHEAD + 1)}
    days |= {shown, *(day for day in counts if day and day > today)}
    return [Tab(day, label(day), counts.get(day, 0), day == shown) for day in sorted(days)]


def label(day: date) -> str:
    """Today, Tomorrow, Tue 2; with the month where it is not one of the next days."""
    ahead = (day - timezone.localdate()).days
    month = "" if 0 <= ahead <= DAYS_AHEAD else f" {day:%b}"
    return {0: "Today", 1: "Tomorrow"}.get(ahead) or f"{day:%a} {day.day}{month}"


def last_actions() -> list[Action]:
    """The newest actions of all curators."""
    entries = CuratorAction.objects.select_related("curator", "undone_by").newest_first()
    return actions_of(entries.defer("before", "after")[:ENTRIES_READ])[:MAX_ACTIONS_SHOWN]


def actions_of(entries: Iterable[CuratorAction]) -> list[Action]:
    """Log entries, the newest first, by the action that they are of."""
    return [
        Action(sorted(group, key=attrgetter("pk")))
        for _, group in groupby(entries, key=attrgetter("batch"))
    ]


def changed_papers(entries: Sequence[CuratorAction]) -> set[int]:
    """Primary keys of the papers of these log entries, also of those that were merged away."""
    merged = (row for entry in entries for row in entry.before.get("merge", {}).get("deleted", []))
    keys = {row["pk"] for row in merged if row["model"] == "papers.paper"}
    return keys | {entry.paper_id for entry in entries if entry.paper_id}
