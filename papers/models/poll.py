"""A poll: the record of one attempt to fetch a source."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from papers.models.source import Source

POLL_RETENTION = timedelta(days=180)


class PollQuerySet(models.QuerySet["Poll"]):
    def delete_old(self, now: datetime) -> None:
        """`papers.ingest.source_history` reads far fewer weeks than are kept."""
        self.filter(started_at__lt=now - POLL_RETENTION).delete()


class Poll(models.Model):
    """What one attempt read and wrote, so that an operator can see why a paper is missing."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="polls")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField("HTTP status", null=True)
    bytes = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    newest_on = models.DateField("papers of", null=True)
    error = models.TextField(blank=True)
    note = models.TextField(blank=True, help_text="What was left out, and is no error.")

    objects = PollQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["source", "-started_at"], name="poll_of_source")]

    def __str__(self) -> str:
        return f"{self.source} at {self.started_at:%Y-%m-%d %H:%M}"
