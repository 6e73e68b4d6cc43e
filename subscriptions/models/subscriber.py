"""A subscriber is an address; each of its subscriptions is a standing order."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

DEFAULT_HOUR = 7


class Frequency(models.TextChoices):
    DAILY = "daily", "daily"
    WEEKDAYS = "weekdays", "on weekdays"
    WEEKLY = "weekly", "weekly"


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def active(self) -> "SubscriberQuerySet":
        """Those who said yes and have not said stop."""
        return self.filter(confirmed_at__isnull=False, unsubscribed_at=None)

    def due(self, now: datetime) -> "SubscriberQuerySet":
        return self.active().filter(next_due_at__lte=now)

    def known(self, address: str) -> "Subscriber | None":
        return self.filter(address=fold(address)).first()


class Subscriber(models.Model):
    address = models.EmailField("mail address", max_length=254, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    time_zone = models.CharField(max_length=60, default="UTC")
    hour = models.PositiveSmallIntegerField(
        default=DEFAULT_HOUR, validators=[MaxValueValidator(23)], help_text="Local, 0 to 23."
    )
    next_due_at = models.DateTimeField(null=True, blank=True)
    confirmation_sent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    consent_text = models.TextField("agreed to", blank=True)
    consent_at = models.DateTimeField("agreed at", null=True, blank=True)
    consent_how = models.CharField("agreed how", max_length=100, blank=True)
    soft_bounces = models.PositiveSmallIntegerField("soft bounces in a row", default=0)
    token_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="address_is_case_folded"
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="hour_of_a_day"),
        ]
        indexes = [
            # Only those who get mail, so that finding the due ones never meets the others.
            models.Index(
                "next_due_at",
                name="subscribers_due",
                condition=Q(confirmed_at__isnull=False, unsubscribed_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.address

    def save(self, **kwargs) -> None:  # type: ignore[no-untyped-def,override]
        self.address = fold(self.address)
        super().save(**kwargs)


class Subscription(models.Model):
    class What(models.TextChoices):
        EVERYTHING = "everything", "everything"
        TOPIC = "topic", "a topic"
        SEARCH = "search", "a search"
        AUTHOR = "author", "an author"

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
        help_text="Of a weekly digest: 0 is Monday.",
    )
    min_upvotes = models.PositiveIntegerField("at least N upvotes", default=0)
    max_papers = models.PositiveSmallIntegerField(
        "at most N papers", default=20, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "what", "topic", "words"],
                name="one_order_for_each_thing",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(what="everything", topic=None, words="")
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
        """What it is, in a reader's words; also the name of its section in the mail."""
        if self.what == self.What.TOPIC and self.topic:
            return self.topic.name
        if self.what == self.What.EVERYTHING:
            return "All papers"
        return f"“{self.words}”" if self.what == self.What.SEARCH else f"Papers by {self.words}"


def fold(address: str) -> str:
    return address.strip().lower()
