"""Topic: a name over categories and words, by which readers filter and subscribe.

PaperTopic says which papers are in which topic, and who decided it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.db import models
from django.db.models import Count, Sum
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.functional import cached_property

SMOOTHING_PAPERS = 20  # of update_vote_shares


class TopicQuerySet(models.QuerySet["Topic"]):
    def with_counts(self, first: date, last: date) -> "list[Topic]":
        """In order, each with `count`: its papers on the pages of these days."""
        listed = PaperTopic.objects.listed(first, last)
        counts = listed.counts()
        topics = list(self.order_by("position", "name"))
        for topic in topics:
            topic.count = counts.get(topic.pk, 0)
        return topics

    def with_papers(self) -> "TopicQuerySet":
        """Topics that some paper is in; to prefetch the topics of papers."""
        return self.filter(papertopic__against=False).distinct()

    def update_vote_shares(self, since: date, last: date, mean: float) -> None:
        """Set `vote_share` of each topic, from the papers of these days, whose mean has `mean`.

        SMOOTHING_PAPERS with that many upvotes are added to each topic, so that a few papers say
        little. 1 where nobody votes.
        """
        of_topics = PaperTopic.objects.listed(since, last).order_by().values("topic")
        sums = of_topics.values_list("topic", Count("pk"), Sum("paper__upvotes"))
        totals = {topic: (papers, votes) for topic, papers, votes in sums}
        for topic in self.values_list("pk", flat=True):
            papers, votes = totals.get(topic, (0, 0))
            smoothed = (votes + SMOOTHING_PAPERS * mean) / (papers + SMOOTHING_PAPERS)
            share = round(smoothed / mean, 2) if mean else 1.0
            self.filter(pk=topic).exclude(vote_share=share).update(vote_share=share)

    def unknown(self, slugs: Iterable[str]) -> list[str]:
        """Those of these slugs that no topic has, in their order."""
        if not (slugs := list(slugs)):
            return []
        known = set(self.filter(slug__in=slugs).values_list("slug", flat=True))
        return [slug for slug in slugs if slug not in known]


class Topic(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    categories = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Categories such as cs.CL, with commas between; cs.* is all of an archive.",
    )
    words = models.CharField(
        max_length=300, blank=True, help_text='A search over titles and abstracts: "quantum error"'
    )
    position = models.PositiveSmallIntegerField("order", default=100)
    # What its papers usually get, as a multiple of what all get; kept by papers/expected_votes.py.
    vote_share = models.FloatField(default=1, editable=False)

    objects = TopicQuerySet.as_manager()

    count: int

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def covers(self, category: str) -> bool:
        """Whether the topic names this category, or its whole archive."""
        return category in self.categories or f"{category.partition('.')[0]}.*" in self.categories

    def get_absolute_url(self) -> str:
        return reverse("papers:topic", args=[self.slug])

    @cached_property
    def url(self) -> str:
        """The same, computed once for all the rows of a list."""
        return self.get_absolute_url()


def words_query(words: str) -> SearchQuery:
    """The full-text query for a topic's words, over `PaperSearch.search`."""
    return SearchQuery(words, search_type="websearch", config="english")


class PaperTopicQuerySet(models.QuerySet["PaperTopic"]):
    def assigned(self) -> "PaperTopicQuerySet":
        """Where the paper is in the topic: without what a curator decided against."""
        return self.filter(against=False)

    def listed(self, first: Any, last: Any) -> "PaperTopicQuerySet":
        """Of papers that are on the pages of these days; a day may be a subquery, too."""
        return self.assigned().filter(paper__hidden_at=None, paper__listed_on__range=(first, last))

    def of(self, papers: Any) -> "PaperTopicQuerySet":
        """Of these papers: a query set of them, or a list of primary keys."""
        if isinstance(papers, list) and papers:  # of none Django knows the result without a query
            # As one parameter: a thousand of them take three times as long.
            papers = RawSQL("SELECT unnest(%s::bigint[])", [papers])
        return self.assigned().filter(paper__in=papers)

    def counts(self) -> dict[int, int]:
        """How many papers each topic has, by its primary key."""
        return dict(self.order_by().values_list("topic").annotate(Count("pk")))


class PaperTopic(models.Model):
    """A curator's decision on it, for or against, outlives the rules."""

    class By(models.TextChoices):
        RULE = "rule", "rule"
        SOURCE = "source", "source"
        MEANING = "meaning", "meaning"  # papers/topics_by_meaning.py
        CURATOR = "curator", "curator"

    paper = models.ForeignKey("papers.Paper", models.CASCADE)
    topic = models.ForeignKey(Topic, models.CASCADE)
    by = models.CharField(max_length=10, choices=By, default=By.RULE)
    against = models.BooleanField("not this topic", default=False)

    objects = PaperTopicQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "topic"], name="one_word_on_a_topic")
        ]
        indexes = [models.Index("topic", "paper", name="papers_of_topic")]

    def __str__(self) -> str:
        return f"{self.paper} {'is not' if self.against else 'is'} {self.topic}"
