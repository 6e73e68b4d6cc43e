"""How many papers each day, topic and source has around a period; picks; the days before and after.

All of it is one query, so that a list page needs few.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, F, OrderBy, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from papers.models import Paper, PaperTopic
from papers.models.paper_queries import PaperQuerySet
from papers.periods import Period
from papers.web.list_filters import ListFilters

STRIP_DAYS = 30
STRIP_SPAN = timedelta(days=STRIP_DAYS - 1)  # from the first day of the strip to the last
# The order of the index; for any other PostgreSQL sorts all papers to find one.
NEWEST_FIRST = F("listed_on").desc(nulls_last=True)
OLDEST_FIRST = F("listed_on").asc(nulls_first=True)
Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class DayCounts:
    days: dict[date, int] = field(default_factory=dict)  # the strip, the day before, the day after
    days_of_period: dict[date, int] = field(default_factory=dict)  # of a week or a month
    topics: dict[int, int] = field(default_factory=dict)  # by primary key
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


def for_period(period: Period | None, filters: ListFilters) -> DayCounts:
    """The counts of this period; without one, of the newest day that has papers.

    The reader's filters hold for sources, picks and the days of the period; for topics, all of them
    but topics.
    """
    today = timezone.localdate()
    listed = Paper.objects.listed()
    first: Any
    last: Any
    if period:
        first, last = period.first, max(period.first, min(period.last, today))
        listed = Paper.objects.listed(last=max(last, today))  # a curator previews a day to come
        strip_start = min(first, last - STRIP_SPAN)
    else:
        first = last = Subquery(listed.order_by(NEWEST_FIRST).values("listed_on")[:1])
        strip_start = Cast(last - Value(STRIP_SPAN), DateField())
    strip = listed.filter(listed_on__gte=strip_start, listed_on__lte=last)
    of_period = listed.filter(listed_on__gte=first, listed_on__lte=last)
    papers = filters.apply(of_period)
    topics = PaperTopic.objects.of(filters.apply_all_but_topics(of_period))
    has_days = period is not None and period.kind != "day"
    return _read(
        _count("day", strip, day="listed_on"),
        _nearest_day(listed.filter(listed_on__lt=strip_start), NEWEST_FIRST),
        _nearest_day(listed.filter(listed_on__gt=last), OLDEST_FIRST),
        _count("topic", topics, name="topic_id"),
        _count("source", papers, name="source__name"),
        _count("pick", papers.filter(featured=True)),
        *([_count("day of period", papers, day="listed_on")] if has_days else []),
    )


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
    for kind, day, name, count in part.union(*parts, all=True):
        counts[kind][day or name or ""] = count
    return DayCounts(
        days=counts["day"],
        days_of_period=counts["day of period"],
        topics={int(key): count for key, count in counts["topic"].items()},
        sources=counts["source"],
        picks=sum(counts["pick"].values()),
    )
