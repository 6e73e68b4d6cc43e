"""A subscription: which papers a subscriber gets by mail, and how often."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import digest_order
from papers.periods import Kind, Period
from subscriptions.models.subscriber import Subscriber

DEFAULT_MAX_PAPERS = 20
EVERYTHING_TITLE, AUTHOR_TITLE = "All papers", "Papers by "
TITLES = {"everything": EVERYTHING_TITLE, "followed": "What you follow", "for-you": "For you"}
MAX_SUBSCRIPTIONS = 50  # for one subscriber
MAX_PROBLEM_CHARS = 300
logger = logging.getLogger(__name__)


class Frequency(models.TextChoices):
    DAILY = "daily", "daily"
    WEEKDAYS = "weekdays", "on weekdays"
    WEEKLY = "weekly", "weekly"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def by_subscriber(
        self, subscriber_ids: Iterable[int]
    ) -> defaultdict[int, list["Subscription"]]:
        """All subscriptions of these subscribers, by the subscriber's key, in one query.

        With their `reader_id`.
        """
        subscriptions = defaultdict(list)
        rows = self.filter(subscriber__in=list(subscriber_ids)).with_readers()
        for subscription in rows.prefetch_related("topic"):
            subscriptions[subscription.subscriber_id].append(subscription)
        return subscriptions

    def with_readers(self) -> "SubscriptionQuerySet":
        """With `reader_id`, in the same query."""
        confirmed = EmailAddress.objects.filter(verified=True, user__is_active=True)
        owner = confirmed.filter(email=OuterRef("subscriber__address")).values("user")
        shown: dict[str, Any] = {"reader_id": Subquery(owner[:1])}
        return self.annotate(**shown)

    def record_problem(self, subscription: "Subscription", problem: str) -> None:
        """Shown to its subscriber and to the mail editor until its papers can be found again."""
        if subscription.problem == problem:
            return
        if problem:
            logger.error("Subscription %s is left out of digests: %s", subscription.pk, problem)
        subscription.problem = problem
        self.filter(pk=subscription.pk).update(problem=problem)


def reader_of(subscriptions: Iterable["Subscription"]) -> int | None:
    """The account that has confirmed the address of these subscriptions of one subscriber."""
    return next((each.reader_id for each in subscriptions if each.reader_id), None)


class Subscription(models.Model):
    class What(models.TextChoices):
        EVERYTHING = "everything", "everything"
        TOPIC = "topic", "a topic"
        SEARCH = "search", "a search"
        AUTHOR = "author", "an author"
        FOLLOWED = "followed", "what the reader follows"
        FOR_YOU = "for-you", "papers for the reader"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    what = models.CharField(max_length=20, choices=What, default=What.EVERYTHING)
    topic = models.ForeignKey("papers.Topic", models.CASCADE, null=True, blank=True)
    words = models.CharField(
        max_length=300, blank=True, help_text="The search, or the author's name."
    )
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.DAILY)
    weekday = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(6)],
        help_text="Of a weekly digest: 0 is Monday. One for all orders of a subscriber.",
    )
    min_upvotes = models.PositiveIntegerField("at least N upvotes", default=0)
    max_papers = models.PositiveSmallIntegerField(
        "at most N papers",
        default=DEFAULT_MAX_PAPERS,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    problem = models.CharField(
        max_length=MAX_PROBLEM_CHARS,
        blank=True,
        editable=False,
        help_text="Why its papers could not be found for the last digest.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    # The active account that has confirmed the subscriber's address, if any; from with_readers.
    reader_id: int | None = None

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "what", "topic", "words"],
                name="one_order_for_each_thing",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(what__in=["everything", "followed", "for-you"], topic=None, words="")
                | Q(what="topic", topic__isnull=False, words="")
                | (Q(what__in=["search", "author"], topic=None) & ~Q(words="")),
                name="order_says_what",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="day_of_a_week"),
            models.CheckConstraint(
                condition=Q(max_papers__gte=1, max_papers__lte=60), name="papers_in_a_mail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.get_frequency_display()}"

    @property
    def title(self) -> str:
        """Shown to the subscriber, also as the heading of its section in a digest."""
        if self.what == self.What.TOPIC and self.topic:
            return self.topic.name
        if title := TITLES.get(self.what):
            return title
        return f"“{self.words}”" if self.what == self.What.SEARCH else f"{AUTHOR_TITLE}{self.words}"

    @property
    def is_personal(self) -> bool:
        """Whether its papers depend on what a reader chose with their account."""
        return self.what in (self.What.FOLLOWED, self.What.FOR_YOU)

    @property
    def filters(self) -> tuple[object, ...]:
        """Subscriptions with equal filters get the same papers."""
        whose = self.subscriber_id if self.is_personal else None
        return self.what, self.topic_id, self.words, self.min_upvotes, self.period_kind, whose

    @property
    def period_kind(self) -> Kind:
        """What one digest covers: a week's stands by upvotes, as the page of a week does."""
        return "week" if self.frequency == Frequency.WEEKLY else "day"

    def list_path(self, days: Period) -> str:
        """Path of the list on the site that shows what this subscription is about on these days.

        The papers of an author, and those that are for one reader, have one list for all days.
        """
        page, query = reverse(f"papers:{days.kind}", args=[days.name]), {}
        match self.what:
            case self.What.TOPIC if self.topic:
                query = {"topic": self.topic.slug}
            case self.What.SEARCH:  # the date first: a quotation mark may stand alone in the words
                page, query = reverse("papers:search"), {"q": f"date:{days.name} {self.words}"}
            case self.What.AUTHOR:
                page, query = reverse("papers:author"), {"name": self.words}
            case self.What.FOLLOWED:
                return reverse("following:papers")
            case self.What.FOR_YOU:
                return reverse("interests:for_you")
        if self.min_upvotes:
            query["min_votes"] = str(self.min_upvotes)
        return f"{page}?{urlencode(query)}" if query else page

    def best_of(self, papers: PaperQuerySet) -> PaperQuerySet:
        """Those of these papers that meet the filters, best first."""
        match self.what:
            case self.What.TOPIC if self.topic:
                papers = papers.in_topics([self.topic.slug])
            case self.What.SEARCH:
                papers = papers.matching(self.words)
            case self.What.AUTHOR:
                papers = papers.by_author(self.words)
        return papers.with_min_votes(self.min_upvotes).order_by(*digest_order(self.period_kind))
