"""Sample papers, all invented: what a new site shows before its first poll."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from papers.ingest.listing_day import ListingRule
from papers.ingest.upsert import upsert
from papers.models import Alias, Paper
from papers.sources import Entry

SAMPLES_FILE = Path(__file__).with_name("samples.jsonl")
ALIAS_SCHEME = "sample"


@transaction.atomic
def load() -> int:
    """Write them onto the last ten weekdays; returns how many were new."""
    now = timezone.now()
    records = [json.loads(line) for line in SAMPLES_FILE.read_text().splitlines()]
    days = list(_weekdays_back(timezone.localdate(now), 10))
    # The oldest first, so that papers of equal rank are ordered by day.
    records.sort(key=lambda record: -record["days_ago"])
    result = upsert(
        [_entry(record, days[record["days_ago"]], now) for record in records],
        now=now,
        listing=ListingRule.GIVEN_DAY,
    )
    featured = [record["key"] for record in records if record.get("featured")]
    Paper.objects.filter(aliases__scheme=ALIAS_SCHEME).update(is_sample=True)
    picks = Alias.objects.filter(scheme=ALIAS_SCHEME, value__in=featured).values("paper")
    Paper.objects.filter(pk__in=picks).update(featured=True)
    return len(result.new)


def remove() -> int:
    """Delete them; returns how many papers there were."""
    samples = Paper.objects.filter(is_sample=True)
    count = samples.count()
    samples.delete()
    return count


def _entry(record: dict[str, Any], day: date, now: datetime) -> Entry:
    return Entry(
        title=record["title"],
        abstract=record["abstract"],
        authors=tuple(record["authors"]),
        identifiers=((ALIAS_SCHEME, record["key"]),),
        version=record.get("version"),
        primary_category=record["categories"][0],
        categories=tuple(record["categories"]),
        listed_on=day,
        announced_on=day,
        submitted_at=datetime.combine(day, now.timetz()) - timedelta(days=2),
        withdrawn=record.get("withdrawn", False),
        code_url=record.get("code_url", ""),
        project_url=record.get("project_url", ""),
        journal_ref=record.get("journal_ref", ""),
        submitter_name=record.get("submitter_name", ""),
        upvotes=record["upvotes"],
    )


def _weekdays_back(day: date, count: int) -> Iterator[date]:
    while count:
        if day.weekday() < 5:
            yield day
            count -= 1
        day -= timedelta(days=1)
