"""What the desk shows: a page of the queue, the papers of a day, its tabs, the last actions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Count, Value
from django.utils import timezone

from papers.models import CuratorAction, Paper, Report
from papers.models.day_order import in_curated_order
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import CURATED_ORDER

PAGE_SIZE = 50  # papers of the queue
DAYS_AHEAD = 6  # with a tab each, beside today
MAX_ACTIONS_SHOWN = 8
ENTRIES_READ = 200  # of the log, to find them in
SORTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "expected": ("Most expected first", ("-expected_votes", "-pk")),
    "new": ("Newest first", ("-pk",)),
    "old": ("Longest waiting first", ("pk",)),
}
# What a row of the day does not show.
NOT_IN_DAY = ("abstract", "abstract_text", "extra", "expected_parts", "journal_ref")


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
    papers = Paper.objects.queued().order_by(*SORTS[sort][1])[start : start + PAGE_SIZE + 1]
    return list(for_queue(papers))


def for_queue(papers: PaperQuerySet) -> PaperQuerySet:
    """With what a row of the queue shows; the topics take one more query."""
    return papers.for_rows().select_related("source", "submitter").defer("expected_parts")


def day_papers(day: date) -> list[Paper]:
    """As they stand on the page of the day, in one query and one for their topics."""
    papers = Paper.objects.listed(day, day).order_by(*CURATED_ORDER)
    return in_curated_order(papers.for_rows().defer(*NOT_IN_DAY))


def tabs(shown: date) -> list[Tab]:
    """Today and the next days, and every other day to come that has papers; in one query."""
    today = timezone.localdate()
    first = min(today, shown)
    listed = Paper.objects.visible().filter(listed_on__gte=first).order_by("listed_on")
    counts = dict(listed.values_list("listed_on").annotate(Count("pk")))
    days = {today + timedelta(days=number) for number in range(DAYS_AHEAD + 1)}
    days |= {shown, *(day for day in counts if day and day > today)}
    return [Tab(day, label(day), counts.get(day, 0), day == shown) for day in sorted(days)]


def label(day: date) -> str:
    """Today, Tomorrow, Tue 2 Dec."""
    ahead = (day - timezone.localdate()).days
    return {0: "Today", 1: "Tomorrow"}.get(ahead) or f"{day:%a} {day.day} {day:%b}"


def counts() -> dict[str, int]:
    """How many papers are queued, and how many reports are open; in one query."""
    papers = Paper.objects.queued().order_by().values_list(Value("queue_count"))
    reports = Report.objects.open().values_list(Value("report_count"))
    found = papers.annotate(Count("pk")).union(reports.annotate(Count("pk")), all=True)
    return {"queue_count": 0, "report_count": 0} | dict(found)


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


def papers_of(entries: Iterable[CuratorAction]) -> dict[int, Paper | None]:
    """The papers of these log entries, with what a row shows; None for one that is gone."""
    keys: list[int] = []
    for entry in entries:
        keys += [entry.paper_id] if entry.paper_id else []
        keys += [row["pk"] for row in _merged_rows(entry) if row["model"] == "papers.paper"]
    found = {paper.pk: paper for paper in for_queue(Paper.objects.filter(pk__in=keys))}
    return {key: found.get(key) for key in keys}


def _merged_rows(entry: CuratorAction) -> list[dict[str, Any]]:
    deleted: list[dict[str, Any]] = entry.before.get("merge", {}).get("deleted", [])
    return deleted
