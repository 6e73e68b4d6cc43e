"""What a new site is given, once: topics to sort by, and sources to poll."""

from dataclasses import asdict

from papers.ingest import seed_data, topic_rules
from papers.models import Paper, Source, Topic

BATCH = 500


def make_topics() -> None:
    if Topic.objects.exists():
        return
    Topic.objects.bulk_create(
        Topic(**asdict(topic), position=number) for number, topic in enumerate(seed_data.TOPICS)
    )
    papers = Paper.objects.order_by("pk")
    while batch := list(papers[:BATCH]):
        topic_rules.assign(batch)
        papers = papers.filter(pk__gt=batch[-1].pk)


def make_sources() -> None:
    if not Source.objects.exists():
        Source.objects.bulk_create(Source(**asdict(source)) for source in seed_data.SOURCES)
