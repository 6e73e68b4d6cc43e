"""Submission: a paper that a reader wants on the site, and what became of it.

Its state follows from the paper: on a page it is listed, hidden or deleted it is refused. Papers
come on pages in many ways (the desk and its undo, a poll, an import), so none of them writes the
state: `settle` does, for all at once.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from papers.models.paper import Paper
from papers.models.site_day import midnight

if TYPE_CHECKING:
    from accounts.models import User

MAX_WHY_CHARS = 300
REMOVED = "The editors removed it from the site."
# Until the submitter hears of it: a curator may undo what they did.
OUTCOME_DELAY = timedelta(minutes=10)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of_reader(self, reader: "User") -> "SubmissionQuerySet":
        """Theirs, the newest first, with the papers."""
        return self.filter(submitter=reader).select_related("paper").order_by("-pk")

    def of_today(self, now: datetime) -> "SubmissionQuerySet":
        return self.filter(submitted_at__gte=midnight(timezone.localdate(now)))

    def settle(self, now: datetime) -> None:
        """Let the state of each follow its paper."""
        state, visible = Submission.State, Q(paper__hidden_at=None)
        on_a_page = Q(paper__listed_on__lte=timezone.localdate(now))
        listed = self.exclude(state=state.LISTED).filter(visible, on_a_page)
        listed.update(state=state.LISTED, reason="", decided_at=now)
        waiting = self.exclude(state=state.WAITING).filter(visible, paper__isnull=False)
        on_no_page = Q(paper__listed_on=None) | ~on_a_page
        waiting.filter(on_no_page).update(state=state.WAITING, reason="", decided_at=None)
        gone = Q(paper=None) | Q(paper__hidden_at__isnull=False)
        hidden_why = Paper.objects.filter(pk=OuterRef("paper")).values("hidden_why")
        refused = self.exclude(state=state.REFUSED).filter(gone)
        refused.update(
            state=state.REFUSED,
            reason=Coalesce(Subquery(hidden_why), Value(REMOVED)),
            decided_at=now,
        )


class Submission(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        LISTED = "listed", "listed"
        REFUSED = "refused", "refused"

    # None once the paper is deleted; the title is kept for the submitter.
    paper = models.ForeignKey(Paper, models.SET_NULL, null=True, related_name="submissions")
    title = models.TextField()
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="submissions"
    )
    why = models.CharField(max_length=MAX_WHY_CHARS, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField("reason of the refusal", max_length=200, blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    mail_wanted = models.BooleanField("wants an email about the outcome", default=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("submitter"), F("id").desc(), name="submissions_of_reader"),
            models.Index("decided_at", name="submissions_decided"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scheduled_on(self) -> str:
        """The day to come whose page will show it, `Friday 14 March`; else empty."""
        day = self.paper.listed_on if self.paper and self.state == self.State.WAITING else None
        return f"{day:%A} {day.day} {day:%B}" if day else ""

    @property
    def is_public(self) -> bool:
        """Whether its paper has a page that anybody may read, as `PaperQuerySet.visible` says."""
        if self.paper is None or self.paper.hidden_at:
            return False
        return not self.paper.described_by_reader or self.paper.listed_on is not None
