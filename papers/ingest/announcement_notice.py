"""The line in today's masthead that names the sources whose papers are missing from the page."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from papers.ingest.source_health import SourceHealth, State, health_of
from papers.ingest.source_history import LATE_AFTER, has_dated_feed
from papers.models import Source
from papers.sources import arxiv_calendar


def late_line(day: date, now: datetime) -> str:
    """Which sources are late or broken, for the page of `day`; "" unless `day` is today.

    One small query while all feeds of arXiv are here, as they nearly always are.
    """
    if day != timezone.localdate(now):
        return ""
    due = arxiv_calendar.last_expected_day(now - LATE_AFTER)
    sources = [source for source in Source.objects.enabled() if not _has_feed_of(source, due)]
    groups: dict[object, list[SourceHealth]] = {}
    for health in health_of(sources, now):
        if health.missing:
            groups.setdefault(_group_key(health), []).append(health)
    return " · ".join(_sentence(group, day) for group in groups.values())


def _has_feed_of(source: Source, due: date) -> bool:
    return has_dated_feed(source) and (source.newest_entry_on or date.min) >= due


def _group_key(health: SourceHealth) -> object:
    """Equal for sources of which the same sentence is true."""
    if health.state is State.BROKEN:
        return "broken", timezone.localdate(health.since) if health.since else None
    return "late", health.missing


def _sentence(group: list[SourceHealth], today: date) -> str:
    """cs.CL and 2 more have not announced yet today."""
    one, first = len(group) == 1, group[0]
    who = first.name if one else f"{first.name} and {len(group) - 1} more"
    has, is_ = ("has", "is") if one else ("have", "are")
    if first.state is State.BROKEN:
        since = timezone.localdate(first.since) if first.since else today
        if since == today:
            return f"{who} {is_} out of reach today"
        return f"{who} {has} been out of reach since {_day_name(since, today)}"
    if first.missing is None or first.missing == today:
        return f"{who} {has} not announced yet today"
    return f"{who} {has} not announced {_day_name(first.missing, today)}’s papers yet"


def _day_name(day: date, today: date) -> str:
    """Monday, or 14 March if that is a week ago or more."""
    return f"{day:%A}" if today - day < timedelta(days=7) else f"{day.day} {day:%B}"
