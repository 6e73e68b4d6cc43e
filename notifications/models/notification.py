"""Notification: something that happened and concerns one reader, noted once."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from papers.models import Paper, Submission

if TYPE_CHECKING:
    from accounts.models import User

KEPT_FOR = timedelta(days=180)
MAILED_WITHIN = timedelta(days=2)
MAX_NAME_CHARS = 300


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of_reader(self, reader: Any) -> "NotificationQuerySet":
        """Of this reader, who may be anonymous: then none. The newest first."""
        own = self.filter(reader=reader) if reader.is_authenticated else self.none()
        return own.order_by("-happened_at", "-pk")

    def with_subjects(self) -> "NotificationQuerySet":
        """With what they are about, in the same query."""
        return self.select_related("paper", "submission__paper")

    def to_mail(self, now: datetime) -> "NotificationQuerySet":
        """What its reader wants an email about, and has not seen on the page meanwhile."""
        new = self.filter(happened_at__gt=now - MAILED_WITHIN, read_at=None)
        undone = Q(submission__state=Submission.State.WAITING)
        return new.filter(mail_wanted=True, mailed_at=None).exclude(undone)

    def mark_read(self, reader: "User", now: datetime) -> None:
        """Those of this reader. Again changes nothing: the first time counts."""
        self.filter(reader=reader, read_at=None).update(read_at=now)

    def delete_old(self, now: datetime) -> None:
        self.filter(happened_at__lt=now - KEPT_FOR).delete()


class Notification(models.Model):
    """`kind` says which of the columns is filled: a submission, or a paper."""

    class Kind(models.TextChoices):
        SUBMISSION = "submission", "A paper that you added is listed, or is not"
        AUTHOR = "author", "A new paper by an author whom you follow"

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    paper = models.ForeignKey(Paper, models.CASCADE, null=True, related_name="notifications")
    submission = models.ForeignKey(
        Submission, models.CASCADE, null=True, related_name="notifications"
    )
    name = models.CharField(max_length=MAX_NAME_CHARS, blank=True)  # of the followed author
    happened_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_wanted = models.BooleanField("wants an email about it", default=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "kind", "paper"], name="one_notification_of_a_paper"
            ),
            models.UniqueConstraint(
                fields=["reader", "submission"], name="one_notification_of_a_submission"
            ),
            models.CheckConstraint(
                condition=Q(kind="submission", submission__isnull=False, paper=None)
                | Q(kind="author", paper__isnull=False, submission=None),
                name="notification_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(F("reader"), F("happened_at").desc(), name="notifications_of_reader"),
            models.Index("reader", condition=Q(read_at=None), name="unread_notifications"),
            models.Index(
                "happened_at",
                condition=Q(mail_wanted=True, mailed_at=None),
                name="notifications_to_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.headline}: {self.title}"

    @property
    def about(self) -> Paper | None:
        """The paper that it leads to; None where readers cannot open it."""
        if self.submission:
            return self.submission.paper if self.submission.is_public else None
        return self.paper

    @property
    def title(self) -> str:
        """Of the paper, also of one that is gone."""
        if self.submission:
            return self.submission.title
        return self.paper.title_text if self.paper else ""

    @property
    def headline(self) -> str:
        """What happened, as it stands now: a curator may have changed their mind since."""
        if not self.submission:
            return f"New paper by {self.name}"
        match self.submission.state:
            case Submission.State.LISTED:
                return "Listed"
            case Submission.State.REFUSED:
                return "Not listed"
        return "Back in the queue"

    @property
    def detail(self) -> str:
        """The reason of a refusal, or the day whose page shows the paper; else empty."""
        if self.submission and self.submission.reason:
            return f"Reason: {self.submission.reason}"
        day = self.about.short_day if self.about and self.about.listed_on else ""
        return f"On the page of {day}" if day else ""

    @property
    def url(self) -> str:
        """The path that it leads to."""
        return self.about.get_absolute_url() if self.about else reverse("papers:submitted")
