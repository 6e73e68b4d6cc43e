"""Upvote: at most one for each reader and paper. A trigger keeps the paper's counters."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

# Votes of an account younger than this are shown at once, and count in ranking when it is older.
NEW_ACCOUNT_PERIOD = timedelta(hours=24)


class UpvoteQuerySet(models.QuerySet["Upvote"]):
    def active(self) -> "UpvoteQuerySet":
        """Votes that count: all but those that a curator voided."""
        return self.filter(voided_at=None)

    def cast_by(self, reader: Any) -> "UpvoteQuerySet":
        """Active votes of this reader, who may be anonymous: then none."""
        return self.active().filter(user=reader) if reader.is_authenticated else self.none()

    def with_names(self) -> "UpvoteQuerySet":
        """By readers who have a display name and show their upvotes, the newest first."""
        votes = self.filter(user__is_active=True, user__shows_upvotes=True).exclude(user__name="")
        return votes.select_related("user").order_by("-created_at")

    def start_ranking(self, now: datetime) -> int:
        """Let the votes of accounts that are no longer new count in ranking; how many."""
        return self.filter(ranked=False, counts_from__lte=now).update(ranked=True)

    def of_ring(self, accounts: Iterable[int], papers: Iterable[str]) -> "UpvoteQuerySet":
        """Active votes of these accounts for the papers with these keys."""
        return self.active().filter(user__in=accounts, paper__key__in=papers)

    def void(self, why: str) -> int:
        """Make these votes count no more, nor be cast again; how many."""
        return self.active().update(voided_at=timezone.now(), voided_why=why)

    def restore(self) -> int:
        """Let voided votes count again; how many."""
        return self.exclude(voided_at=None).update(voided_at=None, voided_why="")


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
