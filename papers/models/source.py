"""A source: what we poll, when we may poll it again, and how it went."""

import random
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from papers.models.lease import lease

INTERVAL = timedelta(hours=1)
MOST_OF_A_POLL = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=7)
DAY = timedelta(days=1)
MOST_ATTEMPTS = 5
POLLS_KEPT = timedelta(days=180)


class SourceQuerySet(models.QuerySet["Source"]):
    def enabled(self) -> "SourceQuerySet":
        return self.filter(disabled_at=None)

    def due(self, now: datetime) -> "SourceQuerySet":
        """To be polled: its time has come and nobody is at it (or who was, died)."""
        return self.enabled().filter(
            Q(lease_until=None) | Q(lease_until__lt=now), next_poll_at__lte=now
        )


class Source(models.Model):
    class Kind(models.TextChoices):
        ARXIV = "arxiv", "arXiv, its feeds or its API"
        FEED = "feed", "any RSS or Atom feed"
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

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["url", "query"], name="one_source_per_address")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """What is asked for: the URL, or arXiv's API with our query, the newest first."""
        if not self.query:
            return self.url
        asked = {
            "search_query": self.query,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "max_results": 200,
        }
        return f"{self.url or settings.ARXIV_API_URL}?{urlencode(asked)}"

    def claim(self, now: datetime) -> bool:
        """Compare and set: of two workers that want this source, one gets it."""
        due = Source.objects.due(now).filter(pk=self.pk)
        return due.update(lease_until=now + lease(), attempts=F("attempts") + 1) == 1

    def succeeded(
        self, now: datetime, *, etag: str, last_modified: str, moved_to: str | None = None
    ) -> None:
        self.etag, self.last_modified = etag, last_modified
        self.failures, self.last_error, self.last_success_at = 0, "", now
        self.gone_since = None
        self._follow(now, moved_to or "")
        self._release(now, INTERVAL)

    def failed(
        self, now: datetime, reason: str, *, retry_after: float | None = None, gone: bool = False
    ) -> None:
        """Write down why, and wait twice as long each time, never for good.

        Only a second 410 Gone, a day after the first, ends it: that is what the status is for.
        """
        self.failures += 1
        self.last_error = reason[:2000]
        wait = min(INTERVAL * 2 ** min(self.failures - 1, 12), LONGEST_WAIT)
        if gone:
            wait = max(wait, DAY)
            if self.gone_since and now - self.gone_since >= DAY:
                self.disabled_at, self.disabled_why = now, "answered 410 Gone on two days"
        self.gone_since = (self.gone_since or now) if gone else None
        if retry_after is not None:
            # It counts from their answer, `now` is when we began to ask.
            wait = max(wait, timedelta(seconds=retry_after) + MOST_OF_A_POLL)
        self._release(now, wait)

    def put_back(self, until: datetime) -> None:
        """Nothing was asked of it: due again as before, or once its host may be asked."""
        self.lease_until, self.next_poll_at = None, max(self.next_poll_at, until)
        self.save(update_fields=["lease_until", "next_poll_at"])

    def saw(self, newest: date | None, now: datetime) -> None:
        """Remember the newest day it brought papers of, to tell a late source from a quiet one."""
        if newest:
            tomorrow = timezone.localdate(now) + DAY  # which is already today elsewhere
            self.newest_entry_on = max(self.newest_entry_on or newest, min(newest, tomorrow))

    def _follow(self, now: datetime, moved_to: str) -> None:
        """Take a new address for ours once three polls over a day were sent to the same one."""
        if moved_to != self.moved_to:
            self.moved_to, self.moved_times, self.moved_since = moved_to, 0, now
        if not moved_to or self.query:
            return
        self.moved_times += 1
        taken = Source.objects.filter(url=moved_to, query="").exists()
        if self.moved_times >= 3 and self.moved_since and now - self.moved_since >= DAY:
            self.url = self.url if taken else moved_to
            self.moved_to, self.moved_times = "", 0

    def disable(self, now: datetime, why: str) -> None:
        self.disabled_at, self.disabled_why = now, why
        self.save(update_fields=["disabled_at", "disabled_why"])

    def poll_now(self) -> None:
        """A curator's wish: due at once, enabled again, whatever went wrong before."""
        self.next_poll_at, self.disabled_at, self.disabled_why = timezone.now(), None, ""
        self.save(update_fields=["next_poll_at", "disabled_at", "disabled_why"])

    def _release(self, now: datetime, wait: timedelta) -> None:
        # Up to a fifth more, so that a hundred sources do not wake together; never less.
        self.next_poll_at = now + min(wait * random.uniform(1, 1.2), LONGEST_WAIT)
        self.lease_until = None
        self.save(update_fields=STATE)


STATE = [
    *("url", "etag", "last_modified", "failures", "last_error", "last_success_at"),
    "newest_entry_on",
    *("next_poll_at", "lease_until", "disabled_at", "disabled_why"),
    *("gone_since", "moved_to", "moved_times", "moved_since"),
]


class PollQuerySet(models.QuerySet["Poll"]):
    def forget_old(self, now: datetime) -> None:
        """What is usual for a source shows in far fewer weeks."""
        self.filter(started_at__lt=now - POLLS_KEPT).delete()


class Poll(models.Model):
    """One attempt of a source, for whoever asks why a paper is missing."""

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

    objects = PollQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["source", "-started_at"], name="poll_of_source")]

    def __str__(self) -> str:
        return f"{self.source} at {self.started_at:%Y-%m-%d %H:%M}"


class TurnManager(models.Manager["Turn"]):
    def free_at(self) -> datetime:
        turn, _ = self.get_or_create(pk=1, defaults={"at": timezone.now()})
        return turn.at

    def after(self, wait: timedelta) -> None:
        """Nobody before then; a longer wait that stands is not cut short."""
        self.free_at()
        self.filter(pk=1).update(at=Greatest("at", timezone.now() + wait))


class Turn(models.Model):
    """The one row that says when arXiv's hosts may be asked again."""

    at = models.DateTimeField()

    objects = TurnManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="only_one_turn")]

    def __str__(self) -> str:
        return f"from {self.at:%H:%M:%S} on"


class BackfillQuerySet(models.QuerySet["Backfill"]):
    def due(self, now: datetime) -> "BackfillQuerySet":
        """Not finished, and nobody at it; after five tries without a day done it is given up."""
        unfinished = Q(done_through=None) | Q(done_through__lt=F("until"))
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(unfinished, free, attempts__lt=MOST_ATTEMPTS)


class Backfill(models.Model):
    """The history of a source, day by day; `done_through` is where the next run goes on."""

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
        """The first day that is not done; None where all are."""
        day = self.done_through + DAY if self.done_through else self.since
        return day if day <= self.until else None

    def claim(self, now: datetime) -> bool:
        due = Backfill.objects.due(now).filter(pk=self.pk)
        return due.update(lease_until=now + lease(), attempts=F("attempts") + 1) == 1

    def finished(self, day: date, now: datetime, *, new: int, updated: int) -> None:
        self.done_through, self.lease_until, self.attempts = day, now + lease(), 0
        self.new, self.updated, self.last_error = self.new + new, self.updated + updated, ""
        self.save(
            update_fields=[
                *("done_through", "lease_until", "attempts", "new", "updated", "last_error")
            ]
        )

    def put_back(self) -> None:
        """Nothing was asked: that was no try."""
        self.lease_until, self.attempts = None, self.attempts - 1
        self.save(update_fields=["lease_until", "attempts"])

    def release(self, error: str = "") -> None:
        self.lease_until, self.last_error = None, error
        self.save(update_fields=["lease_until", "last_error"])
