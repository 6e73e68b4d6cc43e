"""Writes the topics and sources that a new site starts with, listed in `seed_data`."""

from dataclasses import asdict

from django.utils import timezone

from papers.ingest import backfill, seed_data, topic_rules
from papers.models import Paper, Source, Topic

TOPIC_BATCH_PAPERS = 500


def make_topics() -> None:
    """Write the topics, and assign them to the papers already here, unless there are topics."""
    if Topic.objects.exists():
        return
    Topic.objects.bulk_create(
        Topic(**asdict(topic), position=number) for number, topic in enumerate(seed_data.TOPICS)
    )
    papers = Paper.objects.order_by("pk")
    while batch := list(papers[:TOPIC_BATCH_PAPERS]):
        topic_rules.assign(batch)
        papers = papers.filter(pk__gt=batch[-1].pk)


def make_sources() -> None:
    """Write the sources and queue their last days, unless there are sources."""
    if not Source.objects.exists():
        Source.objects.bulk_create(Source(**asdict(source)) for source in seed_data.SOURCES)
        backfill.queue_first_days(timezone.now())
