"""A source: a feed or an API query that the site polls, when it is due, and its last result."""

import random
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import CuratorNote
from papers.models.claim_lease import lease, unclaimed

POLL_INTERVAL = timedelta(hours=1)
RETRY_WAIT = timedelta(minutes=50)  # after a failure: within the hour, up to a fifth later
SOON = timedelta(minutes=5)  # after an incomplete answer; doubles up to RETRY_WAIT
MAX_POLL_WAIT = timedelta(days=7)  # that a Retry-After can ask for
MAX_POLL_DURATION = timedelta(minutes=1)  # every poll ends sooner
API_MAX_RESULTS = 200  # papers of one poll of arXiv's API
MOVE_POLLS = 3  # polls redirected to one address before it replaces the old one
DAY = timedelta(days=1)


class SourceQuerySet(models.QuerySet["Source"]):
    def enabled(self) -> "SourceQuerySet":
        return self.filter(disabled_at=None)

    def due(self, now: datetime) -> "SourceQuerySet":
        """Enabled, its next poll is due, and no worker holds a lease that is still valid.

        A time further off than any poll is planned was written while a clock had jumped.
        """
        is_free = unclaimed(now) | Q(lease_until__gt=now + 2 * lease())
        is_due = Q(next_poll_at__lte=now) | Q(next_poll_at__gt=now + MAX_POLL_WAIT + DAY)
        return self.enabled().filter(is_free, is_due)


class Source(models.Model):
    """One feed or query. Its poll state stands on the row, where an operator reads it."""

    class Kind(models.TextChoices):
        ARXIV = "arxiv", "arXiv, its feeds or its API"
        FEED = "feed", "any RSS, Atom or JSON feed"
        DAILY_PAPERS = "daily-papers", "daily-papers JSON"

    class Listing(models.TextChoices):
        DAY = "day", "straight to the day's page"
        QUEUE = "queue", "to the queue, for a curator"

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ARXIV)
    url = models.URLField("address", max_length=500, blank=True)
    query = models.CharField(
        max_length=500, blank=True, help_text="Asks arXiv's API instead: cat:cs.CL"
    )
    topics = models.ManyToManyField(
        "papers.Topic", blank=True, related_name="sources", help_text="Every paper gets these."
    )
    listing = models.CharField(max_length=10, choices=Listing, default=Listing.DAY)
    etag = models.CharField(max_length=500, blank=True, editable=False)
    last_modified = models.CharField(max_length=200, blank=True, editable=False)
    next_poll_at = models.DateTimeField(default=timezone.now, db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField("failures in a row", default=0, editable=False)
    last_error = models.TextField(blank=True, editable=False)
    last_success_at = models.DateTimeField("last success", null=True, blank=True, editable=False)
    newest_entry_on = models.DateField(
        "newest papers of", null=True, editable=False, help_text="A day of its own calendar."
    )
    gone_since = models.DateTimeField(null=True, editable=False)
    moved_to = models.CharField(max_length=2000, blank=True, editable=False)
    moved_times = models.PositiveSmallIntegerField(default=0, editable=False)
    moved_since = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_why = models.CharField(max_length=200, blank=True)
    curator_notes = GenericRelation(CuratorNote)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["url", "query"], name="one_source_per_address")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def request_url(self) -> str:
        """The address to fetch: `url`, or for a query arXiv's API with it, newest papers first."""
        if not self.query:
            return self.url
        parameters = {
            "search_query": self.query,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "max_results": API_MAX_RESULTS,
        }
        return f"{self.url or settings.ARXIV_API_URL}?{urlencode(parameters)}"

    def claim(self, now: datetime) -> bool:
        """Take a lease by compare-and-set: of two workers, one gets True."""
        due = Source.objects.due(now).filter(pk=self.pk)
        return due.update(lease_until=now + lease(), attempts=F("attempts") + 1) == 1

    def mark_succeeded(
        self, now: datetime, *, etag: str, last_modified: str, moved_to: str | None = None
    ) -> None:
        """Save the validators of a good answer (200 or 304) and schedule the next poll."""
        self.etag, self.last_modified = etag, last_modified
        self.failures, self.last_error, self.last_success_at = 0, "", now
        self.gone_since = None
        self._follow_redirect(now, moved_to or "")
        self._schedule_next(now, POLL_INTERVAL)

    def mark_failed(
        self,
        now: datetime,
        reason: str,
        *,
        retry_after: float | None = None,
        gone: bool = False,
        soon: bool = False,
    ) -> None:
        """Save the reason and plan the next try within the hour; a failing source stays enabled.

        Only a second 410 Gone, a day after the first, disables it: that is what the status is
        for (RFC 9110, 15.5.11). `retry_after` is in seconds. `soon`: it answered, but incompletely.
        """
        self.failures += 1
        self.last_error = reason[:2000]
        wait = min(SOON * 2 ** min(self.failures - 1, 12), RETRY_WAIT) if soon else RETRY_WAIT
        if gone:
            wait = max(wait, DAY)
            if self.gone_since and now - self.gone_since >= DAY:
                self.disabled_at, self.disabled_why = now, "answered 410 Gone on two days"
        self.gone_since = (self.gone_since or now) if gone else None
        if retry_after is not None:
            # It counts from the answer, while `now` is when the poll began.
            wait = max(wait, timedelta(seconds=retry_after) + MAX_POLL_DURATION)
        self._schedule_next(now, wait)

    def release(self, until: datetime) -> None:
        """End the lease without a poll: no request was sent. Due again as before, or at `until`."""
        self.lease_until, self.next_poll_at = None, max(self.next_poll_at, until)
        self.save(update_fields=["lease_until", "next_poll_at"])

    def note_newest(self, newest: date | None, now: datetime) -> None:
        """Keep the newest day of its papers, to tell a late source from a quiet one. Not saved."""
        if newest:
            tomorrow = (
                timezone.localdate(now) + DAY
            )  # where it is already today in the source's zone
            self.newest_entry_on = max(self.newest_entry_on or newest, min(newest, tomorrow))

    def _follow_redirect(self, now: datetime, moved_to: str) -> None:
        """Replace `url` once three polls, over a day or more, were redirected to the same one.

        `moved_to` is the target of a permanent redirect, or "".
        """
        if moved_to != self.moved_to:
            self.moved_to, self.moved_times, self.moved_since = moved_to, 0, now
        if not moved_to or self.query:
            return
        self.moved_times += 1
        taken = Source.objects.filter(url=moved_to, query="").exists()
        if self.moved_times >= MOVE_POLLS and self.moved_since and now - self.moved_since >= DAY:
            self.url = self.url if taken else moved_to
            self.moved_to, self.moved_times = "", 0

    def disable(self, now: datetime, why: str) -> None:
        self.disabled_at, self.disabled_why = now, why
        self.save(update_fields=["disabled_at", "disabled_why"])

    def poll_now(self) -> None:
        """Make it due at once and enable it again, whatever went wrong before."""
        self.next_poll_at, self.disabled_at, self.disabled_why = timezone.now(), None, ""
        self.save(update_fields=["next_poll_at", "disabled_at", "disabled_why"])

    def _schedule_next(self, now: datetime, wait: timedelta) -> None:
        # Up to a fifth later, so that a hundred sources are not due together; never earlier.
        self.next_poll_at = now + min(wait * random.uniform(1, 1.2), MAX_POLL_WAIT)
        self.lease_until = None
        self.save(update_fields=POLL_STATE_FIELDS)


POLL_STATE_FIELDS = [
    *("url", "etag", "last_modified", "failures", "last_error", "last_success_at"),
    "newest_entry_on",
    *("next_poll_at", "lease_until", "disabled_at", "disabled_why"),
    *("gone_since", "moved_to", "moved_times", "moved_since"),
]
