"""What stands around the papers of some days: the days before and after, and how full each is.

It is one query for all of it, as a page has few to spend.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateField, F, OrderBy, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from papers.models import Paper, PaperTopic
from papers.models.paper import PaperQuerySet
from papers.periods import Period

STRIP_DAYS = 30
STRIP_BACK = timedelta(days=STRIP_DAYS - 1)
# As the index has them; in any other order PostgreSQL sorts all papers to find one.
NEWEST_FIRST = F("listed_on").desc(nulls_last=True)
OLDEST_FIRST = F("listed_on").asc(nulls_first=True)
Among = Callable[[PaperQuerySet], PaperQuerySet]
Rows = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class DayCounts:
    days: dict[date, int] = field(default_factory=dict)  # the strip, the day before, the day after
    topics: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    picks: int = 0

    @property
    def newest(self) -> date | None:
        return max(self.days, default=None)

    @property
    def total(self) -> int:
        return sum(self.sources.values())

    def before(self, day: date) -> date | None:
        return max((other for other in self.days if other < day), default=None)

    def after(self, day: date) -> date | None:
        return min((other for other in self.days if other > day), default=None)


def for_period(period: Period | None, among: Among) -> DayCounts:
    """Of this period, or of the newest day that has papers.

    Topics are counted as they are; sources and picks among what the reader asked for.
    """
    listed = Paper.objects.listed()
    first: Any
    last: Any
    if period:
        first, last = period.first, min(period.last, timezone.localdate())
        strip = min(first, last - STRIP_BACK)
    else:
        first = last = Subquery(listed.order_by(NEWEST_FIRST).values("listed_on")[:1])
        strip = Cast(last - Value(STRIP_BACK), DateField())
    papers = among(listed.filter(listed_on__gte=first, listed_on__lte=last))
    return _read(
        _counted("day", listed.filter(listed_on__gte=strip, listed_on__lte=last), day="listed_on"),
        _nearest(listed.filter(listed_on__lt=strip), NEWEST_FIRST),
        _nearest(listed.filter(listed_on__gt=last), OLDEST_FIRST),
        _counted("topic", PaperTopic.objects.standing(first, last), name="topic__slug"),
        _counted("source", papers, name="source__name"),
        _counted("pick", papers.filter(featured=True)),
    )


def for_last_days() -> DayCounts:
    """How full the topics were of late, beside lists of all days."""
    last = timezone.localdate()
    standing = PaperTopic.objects.standing(last - STRIP_BACK, last)
    return _read(_counted("topic", standing, name="topic__slug"))


def _counted(what: str, rows: Rows, *, day: str = "", name: str = "") -> Rows:
    """What, the day, the name, how many: the columns of each part of the one query."""
    rows = rows.order_by().values_list(
        Value(what, TextField()),
        F(day) if day else Value(None, DateField()),
        Cast(F(name), TextField()) if name else Value("", TextField()),
    )
    counted: Rows = rows.annotate(many=Count("pk"))
    return counted


def _nearest(papers: PaperQuerySet, order: OrderBy) -> Rows:
    what, name = Value("day", TextField()), Value("", TextField())
    rows: Rows = papers.order_by(order).values_list(what, "listed_on", name, Value(0))
    return rows[:1]


def _read(part: Rows, *parts: Rows) -> DayCounts:
    found: dict[str, dict[Any, int]] = {"day": {}, "topic": {}, "source": {}, "pick": {}}
    for what, day, name, many in part.union(*parts, all=True) if parts else part:
        found[what][day or name or ""] = many
    return DayCounts(found["day"], found["topic"], found["source"], sum(found["pick"].values()))
