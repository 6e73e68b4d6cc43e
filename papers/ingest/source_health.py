"""The state of each source: fresh, quiet, late, broken, new or disabled, with a reason to show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from papers.ingest import source_history
from papers.ingest.source_history import LATE_AFTER, SourceHistory, is_arxiv
from papers.models import Poll, Source
from papers.sources import arxiv_calendar

MAX_FAILURES = 3  # in a row, until a source whose papers are all here counts as broken


class State(StrEnum):
    """In order, the worst first."""

    BROKEN = "broken"  # polls fail, or we do not poll it
    LATE = "late"  # it answers, but papers that were due have not come
    NEW = "new"  # never polled
    FRESH = "fresh"
    QUIET = "quiet"  # it answers, and nothing is expected of it today
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """One source at one moment; its days are those of its own time zone."""

    source: Source
    state: State
    why: str = ""  # for the public status page: no address, no error text
    since: datetime | None = None  # when it began to fail
    today: int = 0  # papers of today's polls, new or updated
    usual: int | None = None  # the same on this weekday; None if too little is known
    missing: date | None = None  # the day whose papers should be here
    expected_at: datetime | None = None  # when those were due, or the next ones are

    @property
    def name(self) -> str:
        """As readers know it: cs.CL."""
        return self.source.name.removeprefix("arXiv ")

    @property
    def newest(self) -> date | None:
        return self.source.newest_entry_on


def report(now: datetime) -> list[SourceHealth]:
    """Every source, by name; at most three queries for any number of them."""
    return health_of(Source.objects.all(), now)


def health_of(sources: Iterable[Source], now: datetime) -> list[SourceHealth]:
    histories = source_history.load(sources, now)
    statuses = _last_statuses([each.source for each in histories if each.source.failures])
    return [_health(each, now, statuses.get(each.source.pk)) for each in histories]


def _health(history: SourceHistory, now: datetime, status: int | None) -> SourceHealth:
    source = history.source
    if source.disabled_at is not None:
        return SourceHealth(source=source, state=State.DISABLED, why="It is not asked any more.")
    if source.last_success_at is None and not source.failures:
        return SourceHealth(source=source, state=State.NEW, why="It has not been asked yet.")
    missing = history.missing_day(now)
    state, why = _state(history, missing, now)
    if state is State.BROKEN and source.failures:
        why = _failure_reason(status)
    if state in (State.FRESH, State.QUIET):
        missing = None  # the next poll may still bring it
    return SourceHealth(
        source=source,
        state=state,
        why=why,
        since=(history.failing_since or source.last_success_at) if state is State.BROKEN else None,
        today=history.entries_on(history.today),
        usual=history.usual_entries(history.today),
        missing=missing,
        expected_at=history.due_at(missing) if missing else history.next_due_at(now),
    )


def _state(history: SourceHistory, missing: date | None, now: datetime) -> tuple[State, str]:
    """The state and its reason, "" where the reason is the HTTP status or none is needed."""
    source = history.source
    if source.failures >= (1 if missing or not source.last_success_at else MAX_FAILURES):
        return State.BROKEN, ""
    if missing and (source.last_success_at or now) >= history.due_at(missing):
        day = "Today" if missing == history.today else f"{missing:%A}"
        return State.LATE, f"{day}’s papers have not come yet."
    if missing and source.next_poll_at + LATE_AFTER < now:
        return State.BROKEN, "We have not asked it for a while: the fault is ours."
    why = _quiet_reason(history)
    return (State.QUIET if why else State.FRESH), why


def _quiet_reason(history: SourceHistory) -> str:
    """Why nothing need come today; empty if something should, or has come."""
    today, source = history.today, history.source
    if history.entries_on(today) or history.has_come(today):
        return ""
    if is_arxiv(source) and not arxiv_calendar.announces_on(today):
        weekend = today.weekday() >= arxiv_calendar.SATURDAY
        return "arXiv announces nothing " + ("on weekends." if weekend else "after a holiday.")
    if history.expects(today) is False:
        return f"Usually nothing comes on a {today:%A}."
    has_had_papers = is_arxiv(source) or history.has_come(date.min)
    return "" if has_had_papers else "It answers, but has brought nothing yet."


def _failure_reason(status: int | None) -> str:
    """The last HTTP status in words for everybody; the admin shows the error itself."""
    if status is None:
        return "It cannot be reached."
    if status in (401, 403):
        return "It refuses to answer us."
    if status in (404, 410):
        return "There is nothing at its address any more."
    if status == 429:
        return "It asks us to come back later."
    if status >= 500:
        return "Its own server has trouble."
    return "It does not take our question." if status >= 400 else "What it sends cannot be read."


def _last_statuses(sources: list[Source]) -> dict[int, int | None]:
    """The HTTP status of each source's last poll, by primary key."""
    if not sources:
        return {}
    polls = Poll.objects.filter(source__in=sources).order_by("source_id", "-started_at")
    return dict(polls.distinct("source_id").values_list("source_id", "status"))
