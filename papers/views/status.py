"""The status page: how each source is doing."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers.ingest import backfill, source_health
from papers.ingest.source_health import SourceHealth, State
from papers.models import Backfill
from papers.web.caching import public

WORST_FIRST = list(State)  # the order in which the states are declared


@require_safe
@public
def status(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    sources = sorted(source_health.report(now), key=lambda source: WORST_FIRST.index(source.state))
    context = {
        "summary": _summary(sources),
        "rows": [_row(source, now) for source in sources],
        "backfills": [_progress(row) for row in Backfill.objects.unfinished().order_by("pk")],
        "zone": timezone.get_current_timezone_name(),
        "now": now,
    }
    return render(request, "papers/status.html", context)


def _summary(sources: list[SourceHealth]) -> str:
    """All 12 sources are fresh. / 2 of 12 sources are late and 1 is out of reach."""
    counts = Counter(source.state for source in sources)
    polled = len(sources) - counts[State.DISABLED] - counts[State.NEW]
    if not polled:
        return "No source has been asked yet." if counts[State.NEW] else "No source is switched on."
    troubles = [
        f"{'is' if counts[state] == 1 else 'are'} {word}"
        for state, word in ((State.LATE, "late"), (State.BROKEN, "out of reach"))
        if counts[state]
    ]
    if polled == 1:
        return f"The only source {troubles[0] if troubles else 'is ' + _healthy_in_words(counts)}."
    if not troubles:
        return f"All {polled} sources are {_healthy_in_words(counts)}."
    first = counts[State.LATE] or counts[State.BROKEN]
    return (
        f" and {counts[State.BROKEN]} ".join(
            [f"{first} of {polled} sources {troubles[0]}", *troubles[1:]]
        )
        + "."
    )


def _healthy_in_words(counts: Counter[State]) -> str:
    if counts[State.FRESH] and counts[State.QUIET]:
        return f"well: {counts[State.FRESH]} fresh, {counts[State.QUIET]} quiet today"
    return "fresh" if counts[State.FRESH] else "quiet, as is usual today"


def _progress(row: Backfill) -> dict[str, Any]:
    """A backfill that is not finished, with the days that it has completed."""
    return {
        "name": row.source.name if row.source else "",
        "since": row.since,
        "until": row.until,
        "days": [
            (day, f"{count:,}")
            for day, count in (backfill.days_done(row) if row.source is None else [])
        ],
        "new": f"{row.new:,} paper{pluralize(row.new)}",
        "has_failed": bool(row.last_error and row.next_try_at),
    }


def _row(source: SourceHealth, now: datetime) -> dict[str, Any]:
    """A row of the table; moments and days come with their text."""
    today = timezone.localdate(now)
    is_polled = source.state not in (State.NEW, State.DISABLED)
    return {
        "name": source.name,
        "state": source.state.value,
        "why": source.why,
        "since": _moment_with_text(source.since, now),
        "newest": (source.newest, _day_in_words(source.newest, today)) if source.newest else None,
        "today": source.today if is_polled else None,
        "usual": source.usual,
        "overdue": bool(source.missing),
        "expected": _moment_with_text(source.expected_at, now),
        "last_success": _moment_with_text(source.source.last_success_at, now),
    }


def _moment_with_text(moment: datetime | None, now: datetime) -> tuple[datetime, str] | None:
    """In the site's time zone, as: 06:12, yesterday 06:12, Tue 24 Nov 06:12."""
    if moment is None:
        return None
    local, today = timezone.localtime(moment), timezone.localdate(now)
    day = "" if local.date() == today else f"{_day_in_words(local.date(), today)} "
    return local, f"{day}{local:%H:%M}"


def _day_in_words(day: date, today: date) -> str:
    near_days = {0: "today", -1: "yesterday", 1: "tomorrow"}
    if (word := near_days.get((day - today) // timedelta(days=1))) is not None:
        return word
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")
