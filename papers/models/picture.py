"""The picture of a paper: where it came from, where its two sizes are stored, and its state.

A row is made for a paper on a page. It waits (`pending`) until a worker has looked for a picture;
what a curator removed stays removed.
"""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils import timezone

from papers.models.claim_lease import unclaimed

LEASE = timedelta(minutes=3)  # longer than the slowest search for one picture
FIRST_WAIT = timedelta(hours=1)  # after a failure; each later one is four times as long
MAX_ATTEMPTS = 4
MAX_CAPTION_CHARS = 600
MAX_ALT_CHARS = 100  # sixty of them stand on a list
ROW_WIDTH, ROW_HEIGHT = 120, 68  # CSS pixels; the file has twice as many
FIGURE_NUMBER = re.compile(r"Fig(?:ure|\.)\s{0,3}([0-9]{1,3})", re.IGNORECASE)


class PictureQuerySet(models.QuerySet["Picture"]):
    def pending(self) -> "PictureQuerySet":
        """To be looked for, of papers on a page, the newest first and the hottest of a day."""
        on_a_page = Q(paper__hidden_at=None, paper__listed_on__lte=timezone.localdate())
        waiting = self.filter(on_a_page, state=Picture.State.PENDING)
        return waiting.order_by("-paper__listed_on", "-paper__hotness", "paper")

    def due(self, now: datetime) -> "PictureQuerySet":
        return self.pending().claimable(now)

    def claimable(self, now: datetime) -> "PictureQuerySet":
        """To be tried, and not claimed; these conditions are all of the row itself, for updates."""
        return self.filter(
            unclaimed(now),
            state=Picture.State.PENDING,
            next_try_at__lte=now,
            attempts__lt=MAX_ATTEMPTS,
        )

    def claimed(self, now: datetime) -> "PictureQuerySet":
        """Those that a worker is looking for right now."""
        return self.filter(lease_until__gte=now)

    def stored(self) -> "PictureQuerySet":
        return self.filter(state=Picture.State.STORED)

    def public(self) -> "PictureQuerySet":
        """Those that anybody may see: of papers that a curator has not hidden."""
        return self.stored().filter(paper__hidden_at=None)

    def total_bytes(self) -> int:
        return self.stored().aggregate(total=Sum("stored_bytes"))["total"] or 0

    def oldest_first(self) -> "PictureQuerySet":
        """By the day of their papers, those of papers that are on no page before all others."""
        return self.order_by(F("paper__listed_on").asc(nulls_first=True), "paper")


class Picture(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", "to be looked for"
        STORED = "stored", "stored"
        NONE = "none", "none found"
        REMOVED = "removed", "removed by a curator"
        DROPPED = "dropped", "dropped, as space is limited"

    class Origin(models.TextChoices):
        ARXIV = "arxiv", "the paper on arXiv"
        SOURCE = "source", "the source of the paper"
        CURATOR = "curator", "a curator"

    paper = models.OneToOneField("papers.Paper", models.CASCADE, primary_key=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    origin = models.CharField(max_length=10, choices=Origin, blank=True)
    source_url = models.URLField("address of the original", max_length=1000, blank=True)
    caption = models.TextField(blank=True)
    # Of paper and content; names the files. Null without files, as it is unique.
    digest = models.CharField(max_length=32, unique=True, null=True)  # noqa: DJ001
    width = models.PositiveSmallIntegerField(default=0)  # pixels, of the page's size
    height = models.PositiveSmallIntegerField(default=0)
    stored_bytes = models.PositiveIntegerField(default=0)  # of both sizes
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="stored", digest__isnull=False)
                | (~Q(state="stored") & Q(digest=None)),
                name="stored_pictures_have_files",
            )
        ]
        indexes = [models.Index(fields=["state"], name="picture_state")]

    def __str__(self) -> str:
        return f"picture of {self.paper_id}"

    # --- For pages ---

    @property
    def is_stored(self) -> bool:
        return self.state == self.State.STORED

    @property
    def row_url(self) -> str:
        return reverse("papers:picture", args=["row", self.digest])

    @property
    def page_url(self) -> str:
        return reverse("papers:picture", args=["page", self.digest])

    @property
    def alt(self) -> str:
        """What it shows, for those who do not see it."""
        if not self.caption:
            return "Figure from the paper"
        short = self.caption[:MAX_ALT_CHARS]
        return short if short == self.caption else f"{short.rpartition(' ')[0]} …"

    @property
    def credit(self) -> str:
        """Where it is from, such as "Figure 1 from the paper on arXiv"."""
        number = FIGURE_NUMBER.match(self.caption)
        figure = f"Figure {number[1]}" if number else "Figure"
        if self.origin == self.Origin.ARXIV:
            return f"{figure} from the paper on arXiv"
        if self.origin == self.Origin.SOURCE:
            return f"Picture from {urlsplit(self.source_url).hostname}"
        return "Picture chosen by the editors"

    @staticmethod
    def file_names(digest: str) -> dict[str, str]:
        """The files of both sizes in the storage."""
        return {size: f"pictures/{digest}-{size}.webp" for size in ("row", "page")}

    # --- The search for one ---

    def claim(self, now: datetime) -> bool:
        """Take a lease by compare-and-set, and count the attempt: of two workers, one gets True."""
        self.lease_until = now + LEASE
        free = Picture.objects.claimable(now).filter(pk=self.pk)
        return free.update(lease_until=self.lease_until, attempts=F("attempts") + 1) == 1

    def release(self, until: datetime) -> None:
        """End the lease and do not count the attempt: no request was sent."""
        self._end_claim(attempts=F("attempts") - 1, next_try_at=until)

    def mark_failed(self, now: datetime, reason: str, *, final: bool) -> None:
        """Try again later, each time later still; not where this is `final`, or the last try."""
        attempts = Picture.objects.values_list("attempts", flat=True).get(pk=self.pk)
        wait = FIRST_WAIT * 4 ** max(0, attempts - 1)
        given_up = final or attempts >= MAX_ATTEMPTS
        self._end_claim(
            state=self.State.NONE if given_up else self.State.PENDING,
            next_try_at=now + wait,
            last_error=reason[:2000],
        )

    def mark_stored(self, **fields: Any) -> bool:
        """Compare and set: False if a curator has decided otherwise meanwhile."""
        return self._end_claim(state=self.State.STORED, last_error="", **fields)

    def _end_claim(self, **fields: Any) -> bool:
        ours = Picture.objects.filter(
            pk=self.pk, state=self.State.PENDING, lease_until=self.lease_until
        )
        return ours.update(lease_until=None, **fields) == 1
