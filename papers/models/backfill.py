"""A backfill: which days of the past are to be fetched, and how far it has got."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q

from papers.models.claim_lease import lease, unclaimed
from papers.models.source import Source

MAX_ATTEMPTS = 100  # without a day done: four days
FIRST_RETRY_WAIT = timedelta(minutes=2)  # doubles with each attempt
MAX_RETRY_WAIT = timedelta(hours=1)
DAY = timedelta(days=1)
UNFINISHED = Q(done_through=None) | Q(done_through__lt=F("until"))


class BackfillQuerySet(models.QuerySet["Backfill"]):
    def due(self, now: datetime) -> "BackfillQuerySet":
        """Those that can be claimed, but after a failure only when its wait is over."""
        return self.claimable(now).filter(Q(next_try_at=None) | Q(next_try_at__lte=now))

    def claimable(self, now: datetime) -> "BackfillQuerySet":
        """Not finished, not leased, and not given up after MAX_ATTEMPTS without a day done."""
        return self.unfinished().filter(unclaimed(now), attempts__lt=MAX_ATTEMPTS)

    def unfinished(self) -> "BackfillQuerySet":
        """With days that are still to be done, whether or not they are tried again."""
        return self.filter(UNFINISHED)


class Backfill(models.Model):
    """The days `since` to `until` of a source; the next run begins after `done_through`.

    Without a source it is one of all arXiv feeds: the days of a new site, each fetched once.
    """

    source = models.ForeignKey(
        Source,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="backfills",
        help_text="Empty: all arXiv feeds, for papers announced in these days.",
    )
    since = models.DateField()
    until = models.DateField()
    done_through = models.DateField(null=True, blank=True)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True, editable=False)
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
        return f"{self.source or 'All arXiv feeds'}, {self.since} to {self.until}"

    @property
    def next_day(self) -> date | None:
        """The first day that is not done; None if all are."""
        day = self.done_through + DAY if self.done_through else self.since
        return day if day <= self.until else None

    def claim(self, now: datetime) -> bool:
        """Take a lease by compare-and-set, and count the attempt."""
        row = Backfill.objects.claimable(now).filter(pk=self.pk)
        return row.update(lease_until=now + lease(), attempts=F("attempts") + 1) == 1

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

    def release(self, error: str = "", *, next_try_at: datetime | None = None) -> None:
        """End the lease; `error` says why the run stopped, "" if it went well."""
        self.lease_until, self.last_error, self.next_try_at = None, error, next_try_at
        self.save(update_fields=["lease_until", "last_error", "next_try_at"])

    def mark_failed(self, error: str, now: datetime) -> None:
        """End the lease and plan the next try, which comes within the hour."""
        wait = FIRST_RETRY_WAIT * 2 ** min(self.attempts - 1, 12)
        self.release(error, next_try_at=now + min(wait, MAX_RETRY_WAIT))
