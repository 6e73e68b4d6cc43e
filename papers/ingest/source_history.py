"""What the polls of the last weeks say of a source: which days should have papers, and when.

A source of arXiv follows arXiv's calendar, any other its own last six weeks: what came on at least
half of the Mondays is expected on a Monday, at the latest hour at which it came.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from statistics import median
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, Sum, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from papers.models import Poll, Source
from papers.sources import arxiv_calendar

LATE_AFTER = timedelta(hours=2)  # polls are up to 72 minutes apart
HISTORY_WEEKS = 6
MIN_WEEKDAYS = 3  # days of one weekday, to say what is usual on it
SEARCH_DAYS = 14  # to look back and ahead; the longest pause of arXiv has five
DAY = timedelta(days=1)

ANSWERED = Q(status=304) | Q(status=200, error="") | Q(entries__gt=0)
FAILED_SINCE_SUCCESS = Q(source__last_success_at=None) | Q(
    started_at__gt=F("source__last_success_at")
)


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The polls of one day, added up."""

    entries: int
    first_new_at: time | None  # in the source's time zone, when the first new paper came


@dataclass(slots=True)
class SourceHistory:
    source: Source
    zone: tzinfo  # of the source's days
    today: date
    days: dict[date, DayTotals] = field(default_factory=dict)  # those on which it answered
    failing_since: datetime | None = None

    def missing_day(self, now: datetime) -> date | None:
        """The newest day whose papers should be here, if they are not."""
        for day in (self.today - number * DAY for number in range(SEARCH_DAYS)):
            if self._is_certain(day) and self.expects(day) and self.due_at(day) + LATE_AFTER <= now:
                known = bool(self.days) and day >= min(self.days)
                return day if known and not self.has_come(day) else None
        return None

    def next_due_at(self, now: datetime) -> datetime | None:
        """When the next papers should be here; None if that is unknown."""
        for day in (self.today + number * DAY for number in range(SEARCH_DAYS)):
            if self.expects(day) and not self.has_come(day) and self.due_at(day) + LATE_AFTER > now:
                return self.due_at(day)
        return None

    def expects(self, day: date) -> bool | None:
        """Whether papers should come on this day; None if that is unknown."""
        weekdays = self._same_weekdays_before(day)
        enough = len(weekdays) >= MIN_WEEKDAYS
        usually = 2 * sum(totals.first_new_at is not None for totals in weekdays) >= len(weekdays)
        if is_arxiv(self.source):
            return arxiv_calendar.announces_on(day) and (usually or not enough)
        return usually if enough else None

    def due_at(self, day: date) -> datetime:
        """When the papers of a day that is expected to have some should be here."""
        if is_arxiv(self.source):
            return arxiv_calendar.expected_at(day)
        times = [totals.first_new_at for totals in self._same_weekdays_before(day)]
        latest = max(first for first in times if first is not None)
        return datetime.combine(day, latest, self.zone)

    def has_come(self, day: date) -> bool:
        """Whether it has had papers of this day, or of a later one."""
        if self.source.newest_entry_on and self.source.newest_entry_on >= day:
            return True
        if has_dated_feed(self.source):
            return False
        return any(
            totals.first_new_at is not None for other, totals in self.days.items() if other >= day
        )

    def entries_on(self, day: date) -> int:
        return self.days[day].entries if day in self.days else 0

    def usual_entries(self, day: date) -> int | None:
        """The median of the last six such weekdays; None if too few are known."""
        weekdays = self._same_weekdays_before(day)
        if len(weekdays) < MIN_WEEKDAYS:
            return None
        return round(median(totals.entries for totals in weekdays))

    def _same_weekdays_before(self, day: date) -> list[DayTotals]:
        """Of the six same weekdays before `day`, those with an answer and an announcement."""
        weeks_before = (day - number * 7 * DAY for number in range(1, HISTORY_WEEKS + 1))
        return [
            self.days[other]
            for other in weeks_before
            if other in self.days
            and other < self.today
            and (not is_arxiv(self.source) or arxiv_calendar.announces_on(other))
        ]

    def _is_certain(self, day: date) -> bool:
        return not is_arxiv(self.source) or arxiv_calendar.is_certain(day)


def is_arxiv(source: Source) -> bool:
    return source.kind == Source.Kind.ARXIV


def has_dated_feed(source: Source) -> bool:
    """arXiv's feeds say of which day they are; its API does not."""
    return is_arxiv(source) and not source.query


def load(sources: Iterable[Source], now: datetime) -> list[SourceHistory]:
    """The histories of these sources, by one query for all of their polls."""
    histories = {}
    for source in sources:
        site_zone = timezone.get_default_timezone()
        zone = arxiv_calendar.EASTERN if is_arxiv(source) else site_zone
        histories[source.pk] = SourceHistory(source, zone, now.astimezone(zone).date())
    for row in _poll_totals(list(histories), now):
        history = histories[row["source_id"]]
        if row["answers"]:
            first = row["first_new"].astimezone(history.zone).time() if row["first_new"] else None
            history.days[row["day"]] = DayTotals(row["total"], first)
        if row["first_failure"] and history.source.failures:
            history.failing_since = min(history.failing_since or now, row["first_failure"])
    return list(histories.values())


def _poll_totals(source_ids: list[int], now: datetime) -> Iterable[Any]:
    """One row for each source and each day, in the source's zone, on which it was polled."""
    eastern = TruncDate("started_at", tzinfo=arxiv_calendar.EASTERN)
    site_zone = TruncDate("started_at", tzinfo=timezone.get_default_timezone())
    period = (now - (7 * HISTORY_WEEKS + SEARCH_DAYS) * DAY, now)
    return (
        Poll.objects.filter(source__in=source_ids, started_at__range=period)
        .annotate(day=Case(When(source__kind=Source.Kind.ARXIV, then=eastern), default=site_zone))
        .values("source_id", "day")
        .annotate(
            # A paper is new once; one whose votes move is updated by every poll.
            total=Sum("new") + Max("updated"),
            first_new=Min("started_at", filter=Q(new__gt=0)),
            answers=Count("pk", filter=ANSWERED),
            first_failure=Min("started_at", filter=FAILED_SINCE_SUCCESS),
        )
        .order_by()
    )
