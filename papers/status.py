"""/status: which sources are fresh, late, broken, for everybody to see."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import health
from papers.health import SourceHealth, State

WORST_FIRST = list(State)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    sources = sorted(health.report(now), key=lambda source: WORST_FIRST.index(source.state))
    context = {
        "summary": _summary(sources),
        "rows": [_row(source, now) for source in sources],
        "zone": timezone.get_current_timezone_name(),
        "now": now,
    }
    return render(request, "papers/status.html", context)


def _summary(sources: list[SourceHealth]) -> str:
    """All 12 sources are fresh. / 2 of 12 sources are late. 1 cannot be read."""
    counts = Counter(source.state for source in sources)
    asked = sum(counts.values()) - counts[State.DISABLED] - counts[State.NEW]
    if not asked:
        return "No source has been asked yet." if counts[State.NEW] else "No source is switched on."
    bad = {State.LATE: "late", State.BROKEN: "out of reach"}
    troubles = [f"{_are(counts[state])} {word}" for state, word in bad.items() if counts[state]]
    if troubles:
        return f"{' and '.join(troubles)}, of {asked} source{pluralize(asked)}.".capitalize()
    well = "quiet, as they should be today" if not counts[State.FRESH] else "fresh"
    if counts[State.FRESH] and counts[State.QUIET]:
        well = f"well: {counts[State.FRESH]} fresh, {counts[State.QUIET]} quiet today"
    return f"All {asked} sources are {well}." if asked > 1 else f"The only source is {well}."


def _are(number: int) -> str:
    return f"{number} {'is' if number == 1 else 'are'}"


def _row(source: SourceHealth, now: datetime) -> dict[str, Any]:
    """What the table shows of one source."""
    today = timezone.localdate(now)
    last = source.source.last_success_at
    return {
        "name": source.name,
        "state": source.state.value,
        "why": source.why,
        "since": _moment(source.since, now),
        "newest": (source.newest, _day(source.newest, today)) if source.newest else None,
        "today": source.today,
        "usual": source.usual,
        "overdue": bool(source.missing),
        "expected": _moment(source.expected_at, now),
        "last_success": _moment(last, now),
    }


def _moment(moment: datetime | None, now: datetime) -> tuple[datetime, str] | None:
    """With its name in the site's time zone: 06:12, yesterday 06:12, Tue 24 Nov 06:12."""
    if moment is None:
        return None
    here, today = timezone.localtime(moment), timezone.localdate(now)
    day = "" if here.date() == today else f"{_day(here.date(), today)} "
    return here, f"{day}{here:%H:%M}"


def _day(day: date, today: date) -> str:
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}
    if (word := near.get((day - today) // timedelta(days=1))) is not None:
        return word
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")
