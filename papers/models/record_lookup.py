"""RecordLookup: the record of a paper that a reader wants to add, as its archive gave it.

One row for each id, whoever pasted it: two readers cause one request. A page makes the row and
waits, a worker looks the record up (papers.submissions.lookup), and the night deletes old rows.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from papers.models.claim_lease import unclaimed

LEASE = timedelta(minutes=2)  # longer than the slowest look-up
GIVEN_UP_AFTER = timedelta(hours=1)  # whoever asked has long left the page
KEPT_FOR = timedelta(days=1)


class RecordLookupQuerySet(models.QuerySet["RecordLookup"]):
    def due(self, now: datetime) -> "RecordLookupQuerySet":
        """To be looked up now, and not claimed."""
        return self.filter(
            unclaimed(now),
            state=RecordLookup.State.WAITING,
            next_try_at__lte=now,
            requested_at__gt=now - GIVEN_UP_AFTER,
        )

    def current(self, scheme: str, value: str, now: datetime) -> "RecordLookup | None":
        """The row of this id, unless its result is too old to be shown."""
        row = self.filter(scheme=scheme, value=value).first()
        return row if row and now - row.requested_at < VALID_FOR[row.state] else None

    def start(self, scheme: str, value: str, now: datetime) -> "RecordLookup":
        """Let a worker look this id up, again where the last result is too old."""
        if row := self.current(scheme, value, now):
            return row
        fresh = {
            "state": RecordLookup.State.WAITING,
            "requested_at": now,
            "next_try_at": now,
            "lease_until": None,
        }
        return self.update_or_create(scheme=scheme, value=value, defaults=fresh)[0]

    def delete_old(self, now: datetime) -> None:
        self.filter(requested_at__lt=now - KEPT_FOR).delete()


class RecordLookup(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "to be looked up"
        FOUND = "found", "found"
        MISSING = "missing", "no archive has a record"
        FAILED = "failed", "the archive did not answer"

    scheme = models.CharField(max_length=20)  # scheme and value as in Alias
    value = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    record = models.JSONField(default=dict)  # of papers.submissions.stored_entry
    archive = models.CharField(max_length=40, blank=True)  # that gave it, or that did not answer
    error = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)

    objects = RecordLookupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_lookup_per_id")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def claim(self, now: datetime) -> bool:
        """Take a lease by compare-and-set: of two workers, one gets True."""
        self.lease_until = now + LEASE
        free = RecordLookup.objects.due(now).filter(pk=self.pk)
        return free.update(lease_until=self.lease_until) == 1

    def release(self, until: datetime) -> None:
        """End the lease; to be tried again from `until` on."""
        self._end_claim(next_try_at=until)

    def finish(self, state: str, **fields: Any) -> None:
        """Record the result, with `record`, `archive` or `error`."""
        self._end_claim(state=state, **fields)

    def _end_claim(self, **fields: Any) -> None:
        ours = RecordLookup.objects.filter(pk=self.pk, lease_until=self.lease_until)
        ours.update(lease_until=None, **fields)


# From when it was requested. A failure is tried again soon, if a reader asks again.
VALID_FOR: dict[str, timedelta] = {
    RecordLookup.State.WAITING: GIVEN_UP_AFTER,
    RecordLookup.State.FOUND: KEPT_FOR,
    RecordLookup.State.MISSING: timedelta(minutes=10),
    RecordLookup.State.FAILED: timedelta(seconds=30),
}
