"""An upvote: one for each reader and paper; the paper's counters follow by a trigger."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

NEWCOMER = timedelta(hours=24)  # a fresh account's votes are shown at once, and rank a day later


class UpvoteQuerySet(models.QuerySet["Upvote"]):
    def standing(self) -> "UpvoteQuerySet":
        return self.filter(voided_at=None)

    def named(self) -> "UpvoteQuerySet":
        """By readers who gave themselves a name, the newest first; an address is never shown."""
        votes = self.filter(user__is_active=True).exclude(user__name="")
        return votes.select_related("user").order_by("-created_at")

    def come_of_age(self, now: datetime) -> int:
        """Let the votes of accounts that are no longer new count in ranking."""
        return self.filter(ranked=False, counts_from__lte=now).update(ranked=True)

    def void(self, why: str) -> int:
        return self.filter(voided_at=None).update(voided_at=timezone.now(), voided_why=why)


class Upvote(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="upvotes")
    paper = models.ForeignKey("papers.Paper", models.CASCADE, related_name="upvote_set")
    created_at = models.DateTimeField("when", default=timezone.now)
    counts_from = models.DateTimeField("counts in ranking from", default=timezone.now)
    ranked = models.BooleanField("counts in ranking", default=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_why = models.CharField(max_length=200, blank=True)

    objects = UpvoteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "paper"], name="one_upvote_each")]
        indexes = [
            models.Index(
                "counts_from", name="upvotes_of_newcomers", condition=models.Q(ranked=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.paper}"
