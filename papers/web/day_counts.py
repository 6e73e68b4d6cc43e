"""How many papers each day, topic and source has around a period; picks; the days before and after.

All of it is one query, so that a list page needs few.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, F, OrderBy, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from papers.models import Paper, PaperTopic
from papers.models.paper_queries import PaperQuerySet
from papers.periods import Period

STRIP_DAYS = 30
STRIP_SPAN = timedelta(days=STRIP_DAYS - 1)  # from the first day of the strip to the last
# The order of the index; for any other PostgreSQL sorts all papers to find one.
NEWEST_FIRST = F("listed_on").desc(nulls_last=True)
OLDEST_FIRST = F("listed_on").asc(nulls_first=True)
Filter = Callable[[PaperQuerySet], PaperQuerySet]
Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class DayCounts:
    days: dict[date, int] = field(default_factory=dict)  # the strip, the day before, the day after
    days_of_period: dict[date, int] = field(default_factory=dict)  # of a week or a month
    topics: dict[str, int] = field(default_factory=dict)  # by slug
    sources: dict[str, int] = field(default_factory=dict)  # by name; empty for papers without one
    picks: int = 0

    @property
    def newest_day(self) -> date | None:
        return max(self.days, default=None)

    @property
    def total(self) -> int:
        return sum(self.sources.values())

    def day_before(self, day: date) -> date | None:
        return max((other for other in self.days if other < day), default=None)

    def day_after(self, day: date) -> date | None:
        return min((other for other in self.days if other > day), default=None)


def for_period(period: Period | None, apply_filters: Filter) -> DayCounts:
    """The counts of this period; without one, of the newest day that has papers.

    The reader's filters hold for sources, picks and the days of the period. Topics are counted
    without them, so that a reader sees what each of the other topics would show.
    """
    listed = Paper.objects.listed()
    first: Any
    last: Any
    if period:
        first, last = period.first, min(period.last, timezone.localdate())
        strip_start = min(first, last - STRIP_SPAN)
    else:
        first = last = Subquery(listed.order_by(NEWEST_FIRST).values("listed_on")[:1])
        strip_start = Cast(last - Value(STRIP_SPAN), DateField())
    strip = listed.filter(listed_on__gte=strip_start, listed_on__lte=last)
    papers = apply_filters(listed.filter(listed_on__gte=first, listed_on__lte=last))
    has_days = period is not None and period.kind != "day"
    return _read(
        _count("day", strip, day="listed_on"),
        _nearest_day(listed.filter(listed_on__lt=strip_start), NEWEST_FIRST),
        _nearest_day(listed.filter(listed_on__gt=last), OLDEST_FIRST),
        _count("topic", PaperTopic.objects.listed(first, last), name="topic__slug"),
        _count("source", papers, name="source__name"),
        _count("pick", papers.filter(featured=True)),
        *([_count("day of period", papers, day="listed_on")] if has_days else []),
    )


def for_last_days() -> DayCounts:
    """Topics alone, over the last STRIP_DAYS days: for lists that have no period."""
    last = timezone.localdate()
    topics = PaperTopic.objects.listed(last - STRIP_SPAN, last)
    return _read(_count("topic", topics, name="topic__slug"))


def _count(kind: str, rows: Rows, *, day: str = "", name: str = "") -> Rows:
    """One part of the query: rows of (kind, day, name, count), by a column of days or of names."""
    rows = rows.order_by().values_list(
        Value(kind, TextField()),
        F(day) if day else Value(None, DateField()),
        Cast(F(name), TextField()) if name else Value("", TextField()),
    )
    counted: Rows = rows.annotate(many=Count("pk"))
    return counted


def _nearest_day(papers: PaperQuerySet, order: OrderBy) -> Rows:
    """The day of the first of these papers in this order, with a count of 0."""
    kind, name = Value("day", TextField()), Value("", TextField())
    rows: Rows = papers.order_by(order).values_list(kind, "listed_on", name, Value(0))
    return rows[:1]


def _read(part: Rows, *parts: Rows) -> DayCounts:
    """Run the parts as one query."""
    counts: dict[str, dict[Any, int]] = defaultdict(dict)
    for kind, day, name, count in part.union(*parts, all=True) if parts else part:
        counts[kind][day or name or ""] = count
    return DayCounts(
        days=counts["day"],
        days_of_period=counts["day of period"],
        topics=counts["topic"],
        sources=counts["source"],
        picks=sum(counts["pick"].values()),
    )
