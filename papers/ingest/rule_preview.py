"""Previews a topic's rule before it is saved: which recent papers it would catch and lose."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from papers.ingest import topic_rules
from papers.models import Paper, PaperTopic, Topic
from papers.models.paper_queries import PaperQuerySet

DAYS = 30
MAX_PAPERS = 30_000  # all arXiv announces fewer in 30 days
MAX_TITLES = 10


@dataclass(frozen=True, slots=True)
class RulePreview:
    """Counts, and the first MAX_TITLES papers of each, the newest first."""

    caught: int
    new: int
    lost: int
    caught_papers: list[Paper]  # `is_new` of each: the stored rule does not catch it
    lost_papers: list[Paper]
    days: int = DAYS


def preview(typed: Topic, stored: Topic | None) -> RulePreview:
    """Compare the rule of an unsaved topic with the stored one; None for a topic to be added.

    A paper stays as it is where a curator decided on this topic, or its source gives it.
    """
    papers = _recent()
    now = topic_rules.papers_of_rule(papers, typed)
    before = topic_rules.papers_of_rule(papers, stored) if stored else set()
    decided = _decided_otherwise(papers, stored) if stored else {}
    caught = {paper for paper in now if not decided.get(paper)}
    new, lost = caught - before, before - now - decided.keys()
    return RulePreview(
        caught=len(caught),
        new=len(new),
        lost=len(lost),
        caught_papers=_first([new, caught - new], new),
        lost_papers=_first([lost]),
    )


def _recent() -> PaperQuerySet:
    """Listed in the last DAYS, or waiting in the queue since then."""
    since = timezone.localdate() - timedelta(days=DAYS)
    queued = Q(listed_on=None, listing_wanted=True, created_at__date__gte=since)
    papers: PaperQuerySet = Paper.objects.visible().filter(Q(listed_on__gte=since) | queued)
    return papers.order_by("-pk")[:MAX_PAPERS]


def _decided_otherwise(papers: PaperQuerySet, topic: Topic) -> dict[int, bool]:
    """Papers that a curator or their source put into the topic; True: a curator was against."""
    by = [PaperTopic.By.CURATOR, PaperTopic.By.SOURCE]
    rows = PaperTopic.objects.filter(topic=topic, by__in=by, paper__in=papers.values("pk"))
    return dict(rows.values_list("paper_id", "against"))


def _first(groups: list[set[int]], new: Collection[int] = ()) -> list[Paper]:
    """MAX_TITLES papers, those of an earlier group first."""
    found: list[Paper] = []
    for group in groups:
        papers = Paper.objects.filter(pk__in=group).only("key", "title", "listed_on")
        newest = papers.order_by(F("listed_on").desc(nulls_first=True), "-pk")
        found += newest[: MAX_TITLES - len(found)] if len(found) < MAX_TITLES else []
    for paper in found:
        paper.is_new = paper.pk in new
    return found
