"""How each source is doing, told apart: fresh, quiet, late, broken, new, disabled.

One of arXiv is measured against arXiv's calendar, any other against its own last six weeks: what
came on at least half of the Mondays is expected on a Monday, as late as it ever came.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from statistics import median
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, Sum, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from papers.models import Poll, Source
from papers.sources import arxiv_calendar

GRACE = timedelta(hours=2)  # polls are up to 72 minutes apart
PATIENCE = 3  # failures in a row of a source that owes nothing
WEEKS = 6
ENOUGH = 3  # of one weekday, to say what is usual on it
HORIZON = 14  # days; arXiv's longest silence has five
DAY = timedelta(days=1)

ANSWERED = Q(status=304) | Q(status=200, error="") | Q(entries__gt=0)
FAILED_SINCE = Q(source__last_success_at=None) | Q(started_at__gt=F("source__last_success_at"))


class State(StrEnum):
    """From the worst on."""

    BROKEN = "broken"  # it fails, or nobody asks it
    LATE = "late"  # it answers, but what was due has not come
    NEW = "new"  # never asked
    FRESH = "fresh"
    QUIET = "quiet"  # it answers, and nothing is expected of it today
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """One source at one moment; its days are those of its own calendar."""

    source: Source
    state: State
    why: str = ""  # for everybody to read: no address, no error text
    since: datetime | None = None  # when it began to fail
    today: int = 0  # entries that were new or made a paper newer
    usual: int | None = None  # on this weekday; None where too little is known
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
    return _judged(Source.objects.all(), now)


def late_line(day: date, now: datetime) -> str:
    """What readers of today's page should know is missing from it; for any other day nothing.

    One small query while all of arXiv is here, as it nearly always is.
    """
    if day != timezone.localdate(now):
        return ""
    due = arxiv_calendar.last_expected(now - GRACE)
    sources = [source for source in Source.objects.enabled() if not _has_feed_of(source, due)]
    missing: dict[object, list[SourceHealth]] = {}
    for health in _judged(sources, now):
        if health.missing:
            missing.setdefault(_lack(health), []).append(health)
    return " · ".join(_sentence(alike, day) for alike in missing.values())


def _has_feed_of(source: Source, due: date) -> bool:
    return _has_dated_feed(source) and (source.newest_entry_on or date.min) >= due


def _lack(health: SourceHealth) -> object:
    """What is said of several at once, where it is the same."""
    if health.state is State.BROKEN:
        return "broken", timezone.localdate(health.since) if health.since else None
    return "late", health.missing


def _sentence(alike: list[SourceHealth], today: date) -> str:
    """cs.CL and 2 more have not announced yet today."""
    one, first = len(alike) == 1, alike[0]
    who = first.name if one else f"{first.name} and {len(alike) - 1} more"
    has, is_ = ("has", "is") if one else ("have", "are")
    if first.state is State.BROKEN:
        since = timezone.localdate(first.since) if first.since else today
        if since == today:
            return f"{who} {is_} out of reach today"
        return f"{who} {has} been out of reach since {_named(since, today)}"
    if first.missing is None or first.missing == today:
        return f"{who} {has} not announced yet today"
    return f"{who} {has} not announced {_named(first.missing, today)}’s papers yet"


def _named(day: date, today: date) -> str:
    return f"{day:%A}" if today - day < timedelta(days=7) else f"{day.day} {day:%B}"


# --- One source ---


def _judged(sources: Iterable[Source], now: datetime) -> list[SourceHealth]:
    pasts = _pasts(sources, now)
    statuses = _last_statuses([past.source for past in pasts if past.source.failures])
    return [_judge(past, now, statuses.get(past.source.pk)) for past in pasts]


def _judge(past: "Past", now: datetime, status: int | None) -> SourceHealth:
    source = past.source
    if source.disabled_at is not None:
        return SourceHealth(source=source, state=State.DISABLED, why="It is not asked any more.")
    if source.last_success_at is None and not source.failures:
        return SourceHealth(source=source, state=State.NEW, why="It has not been asked yet.")
    missing = past.overdue(now)
    state, why = past.state(missing, now)
    if state is State.BROKEN and source.failures:
        why = _cause(status)
    if state in (State.FRESH, State.QUIET):
        missing = None  # if anything, it will be asked for it before long
    return SourceHealth(
        source=source,
        state=state,
        why=why,
        since=(past.failing_since or source.last_success_at) if state is State.BROKEN else None,
        today=past.entries_on(past.today),
        usual=past.usual(past.today),
        missing=missing,
        expected_at=past.due_at(missing) if missing else past.next_due_at(now),
    )


def _cause(status: int | None) -> str:
    """In words for everybody; the admin has the error itself."""
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


@dataclass(slots=True)
class Past:
    """What the polls of the last weeks tell of a source."""

    source: Source
    zone: tzinfo  # of its days
    today: date
    days: dict[date, "Brought"] = field(default_factory=dict)  # on which it answered
    failing_since: datetime | None = None

    def state(self, missing: date | None, now: datetime) -> tuple[State, str]:
        source = self.source
        if source.failures >= (1 if missing or not source.last_success_at else PATIENCE):
            return State.BROKEN, ""
        if missing and (source.last_success_at or now) >= self.due_at(missing):
            day = "Today" if missing == self.today else f"{missing:%A}"
            return State.LATE, f"{day}’s papers have not come yet."
        if missing and source.next_poll_at + GRACE < now:
            return State.BROKEN, "We have not asked it for a while: the fault is ours."
        silence = self.silence()
        return (State.QUIET if silence else State.FRESH), silence

    def overdue(self, now: datetime) -> date | None:
        """The newest day whose papers should be here, if they are not."""
        for day in (self.today - number * DAY for number in range(HORIZON)):
            if self._is_certain(day) and self.expects(day) and self.due_at(day) + GRACE <= now:
                known = bool(self.days) and day >= min(self.days)
                return day if known and not self.has_come(day) else None
        return None

    def next_due_at(self, now: datetime) -> datetime | None:
        """When the next papers should be here; None where nobody can know."""
        for day in (self.today + number * DAY for number in range(HORIZON)):
            if self.expects(day) and not self.has_come(day) and self.due_at(day) + GRACE > now:
                return self.due_at(day)
        return None

    def silence(self) -> str:
        """Why nothing need come today; empty where something should, or has."""
        if self.entries_on(self.today) or self.has_come(self.today):
            return ""
        if _is_arxiv(self.source) and not arxiv_calendar.announces_on(self.today):
            weekend = self.today.weekday() >= arxiv_calendar.SATURDAY
            return "arXiv announces nothing " + ("on weekends." if weekend else "after a holiday.")
        if self.expects(self.today) is False:
            return f"Usually nothing comes on a {self.today:%A}."
        ever = _is_arxiv(self.source) or self.has_come(date.min)
        return "" if ever else "It answers, but has brought nothing yet."

    def expects(self, day: date) -> bool | None:
        """Whether papers should come on this day; None where nobody can know."""
        alike = self._alike(day)
        enough = len(alike) >= ENOUGH
        usually = 2 * sum(brought.first is not None for brought in alike) >= len(alike)
        if _is_arxiv(self.source):
            return arxiv_calendar.announces_on(day) and (usually or not enough)
        return usually if enough else None

    def due_at(self, day: date) -> datetime:
        """When the papers of a day that is expected to have some should be here."""
        if _is_arxiv(self.source):
            return arxiv_calendar.expected_at(day)
        clock = max(like.first for like in self._alike(day) if like.first is not None)
        return datetime.combine(day, clock, self.zone)

    def has_come(self, day: date) -> bool:
        """Whether it has brought papers of this day, or of a later one."""
        if self.source.newest_entry_on and self.source.newest_entry_on >= day:
            return True
        if _has_dated_feed(self.source):
            return False
        return any(brought.first is not None for then, brought in self.days.items() if then >= day)

    def entries_on(self, day: date) -> int:
        return self.days[day].entries if day in self.days else 0

    def usual(self, day: date) -> int | None:
        """The median of the last six such weekdays."""
        alike = self._alike(day)
        return round(median(each.entries for each in alike)) if len(alike) >= ENOUGH else None

    def _alike(self, day: date) -> list["Brought"]:
        """The last six of the same weekday before this one, days without announcement left out."""
        weeks_before = (day - number * 7 * DAY for number in range(1, WEEKS + 1))
        return [
            self.days[then]
            for then in weeks_before
            if then in self.days
            and then < self.today
            and (not _is_arxiv(self.source) or arxiv_calendar.announces_on(then))
        ]

    def _is_certain(self, day: date) -> bool:
        return not _is_arxiv(self.source) or arxiv_calendar.is_certain(day)


@dataclass(frozen=True, slots=True)
class Brought:
    """What the polls of one day brought together."""

    entries: int
    first: time | None  # by the source's clock, when the first new paper came


def _is_arxiv(source: Source) -> bool:
    return source.kind == Source.Kind.ARXIV


def _has_dated_feed(source: Source) -> bool:
    """arXiv's feeds say of which day they are; its API does not."""
    return _is_arxiv(source) and not source.query


def _pasts(sources: Iterable[Source], now: datetime) -> list[Past]:
    pasts = {}
    for source in sources:
        here = timezone.get_default_timezone()
        zone = arxiv_calendar.EASTERN if _is_arxiv(source) else here
        pasts[source.pk] = Past(source, zone, now.astimezone(zone).date())
    for row in _polls(list(pasts), now):
        past = pasts[row["source_id"]]
        if row["answers"]:
            first = row["first"].astimezone(past.zone).time() if row["first"] else None
            past.days[row["day"]] = Brought(row["brought"], first)
        if row["failed"] and past.source.failures:
            past.failing_since = min(past.failing_since or now, row["failed"])
    return list(pasts.values())


def _polls(sources: list[int], now: datetime) -> Iterable[Any]:
    """One row for each source and day on which it was polled."""
    eastern = TruncDate("started_at", tzinfo=arxiv_calendar.EASTERN)
    here = TruncDate("started_at", tzinfo=timezone.get_default_timezone())
    return (
        Poll.objects.filter(
            source__in=sources, started_at__range=(now - (7 * WEEKS + HORIZON) * DAY, now)
        )
        .annotate(day=Case(When(source__kind=Source.Kind.ARXIV, then=eastern), default=here))
        .values("source_id", "day")
        .annotate(
            # A paper is new once; one whose votes move is updated by every poll.
            brought=Sum("new") + Max("updated"),
            first=Min("started_at", filter=Q(new__gt=0)),
            answers=Count("pk", filter=ANSWERED),
            failed=Min("started_at", filter=FAILED_SINCE),
        )
        .order_by()
    )


def _last_statuses(sources: list[Source]) -> dict[int, int | None]:
    """What the last poll of each of these ended with."""
    if not sources:
        return {}
    polls = Poll.objects.filter(source__in=sources).order_by("source_id", "-started_at")
    return dict(polls.distinct("source_id").values_list("source_id", "status"))
