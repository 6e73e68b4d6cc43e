"""The lists that there are: by date, trending, by topic."""

from datetime import date, datetime
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import periods
from papers.ingest import source_health
from papers.models import Paper, Topic
from papers.periods import Kind, Period
from papers.views.list_page import list_page, period_link
from papers.web import day_counts
from papers.web.caching import public
from papers.web.day_counts import DayCounts
from papers.web.list_filters import ListFilters

NAMED_SOURCES = 3


@require_safe
@public
def today(request: HttpRequest) -> HttpResponse:
    """The newest day that has papers."""
    return _period_page(request, None)


@require_safe
def to_today(request: HttpRequest) -> HttpResponse:
    return redirect("papers:today", permanent=True)


@require_safe
@public
def day(request: HttpRequest, day: str) -> HttpResponse:
    return _named_period(request, "day", day)


@require_safe
@public
def week(request: HttpRequest, week: str) -> HttpResponse:
    return _named_period(request, "week", week)


@require_safe
@public
def month(request: HttpRequest, month: str) -> HttpResponse:
    return _named_period(request, "month", month)


@require_safe
@public
def trending(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        Paper.objects.listed(),
        kind="trending",
        heading="Trending",
        lede="The hottest papers of all days: many votes, not long ago.",
        around=day_counts.for_last_days(),
        feed=("trending", ""),
    )


@require_safe
@public
def topics(request: HttpRequest) -> HttpResponse:
    last = timezone.localdate()
    counted = Topic.objects.with_counts(last - day_counts.STRIP_BACK, last)
    return render(request, "papers/topics.html", {"topics": counted})


@require_safe
@public
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic, slug=slug)
    return list_page(
        request,
        Paper.objects.listed().in_topics([slug]),
        kind="topic",
        heading=topic.name,
        lede=topic.description,
        topic=topic,
        subscribe_url=f"{reverse('subscriptions:subscribe')}?{urlencode({'topic': slug})}",
        feed=("topic", slug),
    )


def _named_period(request: HttpRequest, kind: Kind, name: str) -> HttpResponse:
    try:
        period = periods.parse(kind, name)
    except ValueError as error:
        return _no_such_period(request, str(error))
    if period.first > timezone.localdate():
        return _no_such_period(request, f"{period.heading} has not come yet.")
    return _period_page(request, period)


def _no_such_period(request: HttpRequest, why: str) -> HttpResponse:
    newest = Paper.objects.listed().order_by(day_counts.NEWEST_FIRST)
    found = newest.values_list("listed_on", flat=True).first()
    context = {"why": why, "newest": period_link(periods.around("day", found)) if found else None}
    return render(request, "papers/no_such_day.html", context, status=404)


def _period_page(request: HttpRequest, period: Period | None) -> HttpResponse:
    """The papers of a day, a week, a month; of no period: of the newest day."""
    asked = ListFilters.of(request)
    now = timezone.now()
    today = timezone.localdate(now)
    is_front = period is None
    around = day_counts.for_period(period, asked.among)
    period = period or periods.around("day", around.newest or today)
    before, after = around.before(period.first), around.after(period.last)
    last = min(period.last, today)
    return list_page(
        request,
        Paper.objects.listed(period.first, last),
        kind=period.kind,
        desk=period.kind == "day",
        around=around,
        total=around.total,
        anchor=last,
        heading=period.heading,
        lede=_summary(around, _late_line(now) if period.kind == "day" and not after else ""),
        previous=period_link(periods.around(period.kind, before)) if before else None,
        next=period_link(periods.around(period.kind, after)) if after else None,
        canonical=period_link(period)["url"],
        feed=("daily", "") if is_front else (period.kind, period.name),
    )


def _late_line(now: datetime) -> str:
    """Which sources today's papers still wait for; a minute old at the most."""
    day: date = timezone.localdate(now)
    line: str | None = cache.get_or_set("late", lambda: source_health.late_line(day, now), 60)
    return line or ""


def _summary(around: DayCounts, late: str) -> str:
    """48 papers · 3 picks · from cs.CL, cs.LG and 2 more · cs.AI has not announced yet today."""
    parts = [f"{around.total:,} paper{pluralize(around.total)}" if around.total else "No papers"]
    if around.picks:
        parts.append(f"{around.picks} pick{pluralize(around.picks)}")
    names = sorted(filter(None, around.sources), key=lambda name: (-around.sources[name], name))
    if names:
        parts.append(f"from {_listed([name.removeprefix('arXiv ') for name in names])}")
    return " · ".join(filter(None, [*parts, late]))


def _listed(names: list[str]) -> str:
    if len(names) > NAMED_SOURCES + 1:
        names = [*names[:NAMED_SOURCES], f"{len(names) - NAMED_SOURCES} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
