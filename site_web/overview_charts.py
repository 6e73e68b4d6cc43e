"""The charts of the admin's overview: the last 30 days, ages of queued papers, empty searches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, DateTimeField, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from papers.models import EmptySearch, Paper, Upvote
from subscriptions.models import Delivery, Subscriber

DAYS = 30
CHART_HEIGHT, BAR_WIDTH, BAR_GAP = 60, 8, 2  # units of the SVG
QUEUE_AGES = {"up to a day": 1, "1 to 7 days": 7, "7 to 30 days": 30}
MAX_EMPTY_SEARCHES = 12  # that are shown
OLDEST = "longer than 30 days"


@dataclass(frozen=True)
class Chart:
    """`counts` has one number for each day, the oldest first."""

    name: str
    counts: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def most(self) -> int:
        return max(self.counts, default=0)

    @property
    def bars(self) -> list[dict[str, str]]:
        """Place and size of each bar, as text for the SVG; a count of 1 is always visible."""
        bars = []
        for place, count in enumerate(self.counts):
            height = max(CHART_HEIGHT * count / self.most, 1.0) if count else 0.0
            bars.append(
                {
                    "x": f"{place * (BAR_WIDTH + BAR_GAP)}",
                    "y": f"{CHART_HEIGHT - height:.1f}",
                    "height": f"{height:.1f}",
                }
            )
        return bars


def context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """`charts`; `chart_rows` of a day and its counts, newest first; `queue_ages`; `empty_searches`.

    Each only for those who may open the rows that it counts.
    """

    def may_view(rows: "QuerySet[Any]") -> bool:
        return bool(admin.site._registry[rows.model].has_view_permission(request))

    days = [timezone.localdate(now) - timedelta(days=ago) for ago in reversed(range(DAYS))]
    charts = [
        Chart(name, counts_by_day(rows, column, days))
        for name, rows, column in _counted()
        if may_view(rows)
    ]
    by_day = zip(days, *(chart.counts for chart in charts), strict=True)
    queued = Paper.objects.queued()
    return {
        "charts": charts,
        "chart_rows": [(day, counts) for day, *counts in reversed(list(by_day))],
        "queue_ages": queue_ages(queued, now) if may_view(queued) else [],
        "empty_searches": _empty_searches(now) if may_view(queued) else [],
    }


def _counted() -> "list[tuple[str, QuerySet[Any], str]]":
    """Name, rows, and the column with the date or time of each row."""
    return [
        ("Papers listed", Paper.objects.filter(hidden_at=None), "listed_on"),
        ("Upvotes", Upvote.objects.active(), "created_at"),
        ("New readers", User.objects.all(), "date_joined"),
        ("New subscribers", Subscriber.objects.all(), "confirmed_at"),
        ("Digests sent", Delivery.objects.filter(state=Delivery.State.SENT), "sent_at"),
    ]


def _empty_searches(now: datetime) -> "list[dict[str, Any]]":
    found = EmptySearch.objects.most_frequent(timezone.localdate(now))
    return list(found[:MAX_EMPTY_SEARCHES])


def counts_by_day(rows: "QuerySet[Any]", column: str, days: Sequence[date]) -> list[int]:
    """How many rows each of these days has, by the site's time zone. `days` follow each other."""
    if isinstance(rows.model._meta.get_field(column), DateTimeField):
        on_day = rows.values_list(TruncDate(column))
        since: date = timezone.make_aware(datetime.combine(days[0], time()))
    else:
        on_day, since = rows.values_list(column), days[0]
    counts = dict(on_day.filter(**{f"{column}__gte": since}).order_by().annotate(Count("pk")))
    return [counts.get(day, 0) for day in days]


def queue_ages(queued: "QuerySet[Paper]", now: datetime) -> list[tuple[str, int]]:
    """How many papers have waited how long, the youngest first, in one query."""
    limits = [now - timedelta(days=days) for days in QUEUE_AGES.values()]
    younger = [now, *limits[:-1]]
    counts = {
        f"age_{place}": Count("pk", filter=Q(created_at__gt=oldest, created_at__lte=youngest))
        for place, (youngest, oldest) in enumerate(zip(younger, limits, strict=True))
    }
    found = queued.order_by().aggregate(
        **counts, oldest=Count("pk", filter=Q(created_at__lte=limits[-1]))
    )
    return list(zip([*QUEUE_AGES, OLDEST], found.values(), strict=True))
