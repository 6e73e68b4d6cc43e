"""An issue covers days; a delivery is its one mail to one subscriber, and where that stands."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from subscriptions.models.subscriber import Frequency, Subscriber


class Issue(models.Model):
    class State(models.TextChoices):
        OPEN = "open", "open"
        PAUSED = "paused", "paused"
        CLOSED = "closed", "closed"
        EXPIRED = "expired", "expired"

    frequency = models.CharField(max_length=10, choices=Frequency)
    period = models.CharField(max_length=10, help_text="2025-03-14, or 2025-W11 where weekly.")
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    papers = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="The general digest, in order, for the archive.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-first_day", "frequency"]
        constraints = [
            models.UniqueConstraint(
                fields=["frequency", "period"], name="one_issue_for_each_period"
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="issue_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.frequency} {self.period}"


class Delivery(models.Model):
    """`pending → claimed → sending → sent`, or one of the ends below.

    `sending` is committed just before the wire. A worker that dies there leaves `uncertain`,
    which nobody sends again by itself: rather a doubt with a name than a second mail.
    """

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        CLAIMED = "claimed", "claimed"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        DEFERRED = "deferred", "deferred"
        FAILED = "failed", "failed"
        SUPPRESSED = "suppressed", "suppressed"
        EMPTY = "empty", "empty"
        UNCERTAIN = "uncertain", "uncertain"
        EXPIRED = "expired", "expired"

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=timezone.now, help_text="Not before this.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField("Message-ID", max_length=200, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="one_delivery_each"),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "sending"]) | Q(lease_until__isnull=False),
                name="work_in_hand_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                "due_at", name="deliveries_to_do", condition=Q(state__in=["pending", "deferred"])
            ),
            models.Index(
                "lease_until",
                name="deliveries_in_hand",
                condition=Q(state__in=["claimed", "sending"]),
            ),
            models.Index("issue", "state", name="account_of_an_issue"),
        ]

    def __str__(self) -> str:
        return f"{self.issue} to {self.subscriber}: {self.state}"


class DeliveryPaper(models.Model):
    """A paper in a mail: never twice to one subscriber, in whatever mail."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="contents")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE)
    paper = models.ForeignKey("papers.Paper", models.CASCADE, related_name="+")
    section = models.CharField(max_length=320)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["subscriber", "paper"], name="never_twice")]

    def __str__(self) -> str:
        return f"{self.paper} in {self.delivery}"


class ScheduledRun(models.Model):
    """A job of a period, run once: two schedulers are harmless, a missed tick is caught up."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        DEAD = "dead", "dead"

    name = models.CharField(max_length=60)
    period = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "period"], name="one_run_for_each_period")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period}: {self.state}"

    def claim(self, now: datetime, until: datetime) -> bool:
        claimed = ScheduledRun.objects.filter(
            Q(lease_until=None) | Q(lease_until__lt=now), pk=self.pk, state=self.State.RUNNING
        ).update(lease_until=until, attempts=F("attempts") + 1)
        return claimed == 1
