"""Sample papers, all invented: what a new site shows until its first real paper is listed."""

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from papers.ingest.listing_day import ListingRule
from papers.ingest.upsert import upsert
from papers.models import Alias, Paper
from papers.sources import Entry

SAMPLES_FILE = Path(__file__).with_name("samples.jsonl")
ALIAS_SCHEME = "sample"
logger = logging.getLogger(__name__)


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


def remove_if_outdated() -> int:
    """Delete them once a real paper is listed, but what a curator changed; how many went.

    The log of the admin says so, once.
    """
    if not Alias.objects.filter(scheme=ALIAS_SCHEME).exists():
        return 0
    real = Paper.objects.visible().filter(is_sample=False, listed_on__isnull=False)
    samples = Paper.objects.filter(is_sample=True).exclude(pk__in=_changed_by_curators())
    with transaction.atomic():
        if not real.exists():
            return 0
        # Locked, so that of two processes one removes and reports them.
        ids = list(samples.select_for_update().order_by("pk").values_list("pk", flat=True))
        if ids:
            Paper.objects.filter(pk__in=ids).delete()
            _report_removal(len(ids))
    return len(ids)


def never_had_papers() -> bool:
    """Whether no paper was ever written here, neither a real one nor a sample."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT is_called FROM papers_paper_id_seq")
        return bool(cursor.fetchone()[0])


def _changed_by_curators() -> list[int]:
    content_type = ContentType.objects.get_for_model(Paper)
    ids = LogEntry.objects.filter(content_type=content_type).values_list("object_id", flat=True)
    return [int(pk) for pk in ids if pk and pk.isdecimal()]


def _report_removal(count: int) -> None:
    reason = "removed by the site, as the first real paper is listed"
    logger.info("%s sample papers were %s", count, reason)
    if admin := User.objects.filter(is_superuser=True).order_by("pk").first():
        LogEntry.objects.create(
            user=admin,
            content_type=ContentType.objects.get_for_model(Paper),
            object_repr=f"{count} sample papers, {reason}",
            action_flag=DELETION,
        )


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
