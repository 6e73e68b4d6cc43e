"""Tags the papers of the past again after a topic's rule was changed; run by a worker."""

import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from papers.ingest import topic_rules
from papers.models import Paper, Retagging, TopicJob

BATCH_PAPERS = 1_000
MAX_RUN = timedelta(seconds=50)  # the next sweep continues


def has_work() -> bool:
    return Retagging.objects.unfinished().exists()


def run(max_run: timedelta = MAX_RUN) -> int:
    """Tag papers of topics whose rule was changed; returns how many. In two workers, no harm."""
    end, total = time.monotonic() + max_run.total_seconds(), 0
    while time.monotonic() < end and (count := _tag_batch()) is not None:
        total += count
    return total


@transaction.atomic
def _tag_batch() -> int | None:
    """The number of papers of the next batch; None if no topic waits, or other workers have all."""
    free = Retagging.objects.unfinished().select_for_update(skip_locked=True)
    row = free.order_by("pk").first()
    if row is None:
        return None
    row.total = row.total or Paper.objects.count()
    papers = Paper.objects.only("categories", "source").order_by("-pk")
    if row.next_paper is not None:
        papers = papers.filter(pk__lte=row.next_paper)
    batch = list(papers[:BATCH_PAPERS])
    topic_rules.assign_with_sources(batch, [row.topic])  # read after the lock: the rule of now
    no_category = [TopicJob(paper=paper) for paper in batch if not paper.categories]
    TopicJob.objects.bulk_create(no_category, ignore_conflicts=True)  # for topics by meaning
    row.mark_done([paper.pk for paper in batch], timezone.now())
    return len(batch)
