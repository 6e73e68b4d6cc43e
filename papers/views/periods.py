"""The pages of a day, a week and a month; `/` is the newest day that has papers."""

from datetime import date, datetime

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import periods
from papers.ingest.announcement_notice import late_line
from papers.models import Paper
from papers.periods import Kind, Period
from papers.views.list_page import period_link, render_list
from papers.web import day_counts
from papers.web.caching import public
from papers.web.day_counts import DayCounts
from papers.web.filter_links import day_links
from papers.web.list_filters import ListFilters

MAX_SOURCES_NAMED = 3
LATE_SOURCES_CACHE_SECONDS = 60


@require_safe
@public
def today(request: HttpRequest) -> HttpResponse:
    return _period_page(request, None)


@require_safe
def redirect_to_today(request: HttpRequest) -> HttpResponse:
    return redirect("papers:today", permanent=True)


@require_safe
@public
def day(request: HttpRequest, day: str) -> HttpResponse:
    return _named_period_page(request, "day", day)


@require_safe
@public
def week(request: HttpRequest, week: str) -> HttpResponse:
    return _named_period_page(request, "week", week)


@require_safe
@public
def month(request: HttpRequest, month: str) -> HttpResponse:
    return _named_period_page(request, "month", month)


def _named_period_page(request: HttpRequest, kind: Kind, name: str) -> HttpResponse:
    try:
        period = periods.parse(kind, name)
    except ValueError as error:
        return _no_such_period(request, str(error))
    if period.first > timezone.localdate() and not (kind == "day" and _sees_days_to_come(request)):
        return _no_such_period(request, f"{period.heading} has not come yet.")
    return _period_page(request, period)


def _sees_days_to_come(request: HttpRequest) -> bool:
    """Curators see what they have scheduled."""
    return request.user.is_authenticated and request.user.has_perm("papers.change_paper")


def _no_such_period(request: HttpRequest, reason: str) -> HttpResponse:
    days = Paper.objects.listed().order_by(day_counts.NEWEST_FIRST)
    newest = days.values_list("listed_on", flat=True).first()
    newest_link = period_link(periods.around("day", newest)) if newest else None
    context = {"why": reason, "newest": newest_link}
    return render(request, "papers/no_such_day.html", context, status=404)


def _period_page(request: HttpRequest, period: Period | None) -> HttpResponse:
    """The papers of this period; without one, of the newest day that has papers."""
    now = timezone.now()
    today = timezone.localdate(now)
    is_front = period is None
    kind = period.kind if period else "day"
    counts = day_counts.for_period(period, ListFilters.of_page(request, kind))
    period = period or periods.around("day", counts.newest_day or today)
    before, after = counts.day_before(period.first), counts.day_after(period.last)
    is_to_come = period.first > today
    last_day = period.last if is_to_come else min(period.last, today)
    late_sources = _late_sources(now) if period.kind == "day" and not after else ""
    return render_list(
        request,
        Paper.objects.listed(period.first, last_day),
        kind=period.kind,
        curated=period.kind == "day",
        counts=counts,
        total=counts.total,
        last_day=last_day,
        days_of_period=day_links(request, counts.days_of_period),
        heading=period.heading,
        lede=_summary(counts, late_sources),
        front_note=_front_note(period, today) if is_front else "",
        day_to_come=last_day if is_to_come else None,
        previous=period_link(periods.around(period.kind, before)) if before else None,
        next=period_link(periods.around(period.kind, after)) if after else None,
        canonical=period_link(period)["url"],
        feed=None if is_to_come else ("daily", "") if is_front else (period.kind, period.name),
    )


def _front_note(shown: Period, today: date) -> str:
    """Which day the page "Today" shows."""
    if shown.first == today:
        return "This page shows today’s."
    return "This page shows the newest day that has papers."


def _late_sources(now: datetime) -> str:
    """Which sources have not announced yet today, in words; up to a minute old."""
    day: date = timezone.localdate(now)
    line: str | None = cache.get_or_set(
        "late", lambda: late_line(day, now), LATE_SOURCES_CACHE_SECONDS
    )
    return line or ""


def _summary(counts: DayCounts, late_sources: str) -> str:
    """48 papers · 3 picks · from cs.CL, cs.LG and 2 more · cs.AI has not announced yet today."""
    parts = [f"{counts.total:,} paper{pluralize(counts.total)}" if counts.total else "No papers"]
    if counts.picks:
        parts.append(f"{counts.picks} pick{pluralize(counts.picks)}")
    names = sorted(filter(None, counts.sources), key=lambda name: (-counts.sources[name], name))
    if names:
        parts.append(f"from {_enumerate([name.removeprefix('arXiv ') for name in names])}")
    return " · ".join(filter(None, [*parts, late_sources]))


def _enumerate(names: list[str]) -> str:
    """a / a and b / a, b and c / a, b, c and d / a, b, c and 2 more"""
    if len(names) > MAX_SOURCES_NAMED + 1:
        names = [*names[:MAX_SOURCES_NAMED], f"{len(names) - MAX_SOURCES_NAMED} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
