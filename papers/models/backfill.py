"""A backfill: which days of a source's past are to be fetched, and how far it has got."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q

from papers.models.claim_lease import lease
from papers.models.source import Source

MAX_ATTEMPTS = 5  # without a day done
DAY = timedelta(days=1)


class BackfillQuerySet(models.QuerySet["Backfill"]):
    def due(self, now: datetime) -> "BackfillQuerySet":
        """Not finished, not leased, and not given up after MAX_ATTEMPTS without a day done."""
        unfinished = Q(done_through=None) | Q(done_through__lt=F("until"))
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(unfinished, free, attempts__lt=MAX_ATTEMPTS)


class Backfill(models.Model):
    """The days `since` to `until` of a source; the next run begins after `done_through`."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="backfills")
    since = models.DateField()
    until = models.DateField()
    done_through = models.DateField(null=True, blank=True)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("tries since the last day done", default=0)
    last_error = models.TextField(blank=True)

    objects = BackfillQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "since", "until"], name="one_backfill_per_period"
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("until")), name="backfill_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, {self.since} to {self.until}"

    @property
    def next_day(self) -> date | None:
        """The first day that is not done; None if all are."""
        day = self.done_through + DAY if self.done_through else self.since
        return day if day <= self.until else None

    def claim(self, now: datetime) -> bool:
        """Take a lease by compare-and-set, and count the attempt."""
        due = Backfill.objects.due(now).filter(pk=self.pk)
        return due.update(lease_until=now + lease(), attempts=F("attempts") + 1) == 1

    def mark_done(self, day: date, now: datetime, *, new: int, updated: int) -> None:
        """Save that `day` is complete, prolong the lease and count attempts from zero."""
        self.done_through, self.lease_until, self.attempts = day, now + lease(), 0
        self.new, self.updated, self.last_error = self.new + new, self.updated + updated, ""
        self.save(
            update_fields=[
                *("done_through", "lease_until", "attempts", "new", "updated", "last_error")
            ]
        )

    def cancel_claim(self) -> None:
        """End the lease and do not count the attempt: no request was sent."""
        self.lease_until, self.attempts = None, self.attempts - 1
        self.save(update_fields=["lease_until", "attempts"])

    def release(self, error: str = "") -> None:
        """End the lease; `error` says why the run stopped, "" if it went well."""
        self.lease_until, self.last_error = None, error
        self.save(update_fields=["lease_until", "last_error"])
