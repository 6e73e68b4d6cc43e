"""An issue: the day or week that a digest is named for, and the published general digest."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from papers.periods import Kind, Period, parse
from subscriptions.models.subscription import Frequency


class IssueQuerySet(models.QuerySet["Issue"]):
    def open(self) -> "IssueQuerySet":
        return self.filter(state=Issue.State.OPEN)

    def pause(self, why: str) -> None:
        self.update(state=Issue.State.PAUSED, paused_because=why)

    def published(self, frequency: str) -> "IssueQuerySet":
        """The public archive of one frequency, newest first, without empty and paused issues."""
        issues = self.open().filter(frequency=frequency, published_at__isnull=False)
        return issues.exclude(papers=[]).order_by("-first_day")


class Issue(models.Model):
    class State(models.TextChoices):
        OPEN = "open", "open"
        PAUSED = "paused", "paused"

    frequency = models.CharField(max_length=10, choices=Frequency)
    period = models.CharField(max_length=10, help_text="2025-03-14, or 2025-W11 where weekly.")
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    paused_because = models.TextField(blank=True, editable=False)
    papers = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="The general digest, in order, for the archive.",
    )
    published_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the general digest was settled."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = IssueQuerySet.as_manager()

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

    def pause(self, why: str) -> None:
        """Send no more of its mails, and show it to nobody, until a curator resumes it."""
        Issue.objects.open().filter(pk=self.pk).pause(why)

    def resume(self) -> None:
        paused = Issue.objects.filter(pk=self.pk, state=self.State.PAUSED)
        paused.update(state=self.State.OPEN, paused_because="")

    def get_absolute_url(self) -> str:
        return reverse("subscriptions:issue", args=[self.frequency, self.period])

    @property
    def days(self) -> Period:
        kind: Kind = "week" if self.frequency == Frequency.WEEKLY else "day"
        return parse(kind, self.period)
