"""Notification: something that happened and concerns one reader, noted once."""

from datetime import datetime, timedelta
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment
from library.models import ReadingList
from papers.models import Paper, Submission

if TYPE_CHECKING:
    from accounts.models import User

KEPT_FOR = timedelta(days=180)
# A day to wait for a digest, a day until that one is given up, and a day for an email of its own.
MAILED_WITHIN = timedelta(days=3)
MAX_NAME_CHARS = 300
MAX_REPLY_CHARS = 200  # of a reply, as far as it is shown here


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of_reader(self, reader: Any) -> "NotificationQuerySet":
        """Of this reader, who may be anonymous: then none. The newest first."""
        own = self.shown().filter(reader=reader) if reader.is_authenticated else self.none()
        return own.order_by("-happened_at", "-pk")

    def shown(self) -> "NotificationQuerySet":
        """Without replies while the site has no comments."""
        return self if settings.COMMENTS else self.exclude(kind=Notification.Kind.REPLY)

    def with_subjects(self) -> "NotificationQuerySet":
        """With what they are about, in the same query."""
        return self.select_related(
            "paper", "submission__paper", "comment__paper", "comment__author", "reading_list"
        )

    def in_mail_order(self) -> "NotificationQuerySet":
        """The oldest first, with what they are about."""
        return self.with_subjects().order_by("happened_at", "pk")

    def to_mail(self, now: datetime) -> "NotificationQuerySet":
        """What is to be in an email, and its reader has not seen on the page meanwhile."""
        new = self.filter(happened_at__gt=now - MAILED_WITHIN, read_at=None, mailed_at=None)
        return new.wanted_by_mail()

    def wanted_by_mail(self) -> "NotificationQuerySet":
        """What its reader wants an email about, without what is undone or hidden since."""
        undone = Q(submission__state=Submission.State.WAITING)
        unseen = Q(comment__isnull=False) & ~Q(comment__state=Comment.State.VISIBLE)
        reopened = Q(reading_list__closed_why="")
        return self.shown().filter(mail_wanted=True).exclude(undone | unseen | reopened)

    def mark_read(self, reader: "User", now: datetime) -> None:
        """Those of this reader. Again changes nothing: the first time counts."""
        self.filter(reader=reader, read_at=None).update(read_at=now)

    def delete_old(self, now: datetime) -> None:
        self.filter(happened_at__lt=now - KEPT_FOR).delete()


def _is_of(subject: str, **kind: Any) -> Q:
    """Whether a row is of this kind, and only the column of its subject is filled."""
    subjects = ("submission", "comment", "paper", "reading_list")
    return Q(**kind, **{f"{name}__isnull": name != subject for name in subjects})


class Notification(models.Model):
    """`kind` says which of the columns is filled: a submission, a comment, a list, or a paper."""

    class Kind(models.TextChoices):
        SUBMISSION = "submission", "What became of papers I added"
        REPLY = "reply", "Replies to my comments"
        OWN_PAPER = "own", "Papers of mine that are listed"
        AUTHOR = "author", "New papers by authors I follow"
        LIST = "list", "Lists of mine that are made private"

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    paper = models.ForeignKey(Paper, models.CASCADE, null=True, related_name="notifications")
    submission = models.ForeignKey(
        Submission, models.CASCADE, null=True, related_name="notifications"
    )
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="notifications")
    reading_list = models.ForeignKey(
        ReadingList, models.CASCADE, null=True, related_name="notifications"
    )
    name = models.CharField(max_length=MAX_NAME_CHARS, blank=True)  # of the author of the paper
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
            models.UniqueConstraint(
                fields=["reader", "comment"], name="one_notification_of_a_comment"
            ),
            models.UniqueConstraint(
                fields=["reading_list", "happened_at"], name="one_notification_of_a_closed_list"
            ),
            models.CheckConstraint(
                condition=_is_of("submission", kind="submission")
                | _is_of("comment", kind="reply")
                | _is_of("paper", kind__in=["own", "author"])
                | _is_of("reading_list", kind="list"),
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
        return self.comment.paper if self.comment else self.paper

    @property
    def title(self) -> str:
        """Of the paper, also of one that is gone; or of the list."""
        if self.reading_list:
            return self.reading_list.title
        if self.submission:
            return self.submission.title
        return self.about.title_text if self.about else ""

    @property
    def headline(self) -> str:
        """What happened, as it stands now: a curator may have changed their mind since."""
        if self.comment:
            return f"Reply by {self.comment.author_name}, where you commented"
        if self.reading_list:
            is_closed = self.reading_list.closed_why
            return "Your list is now private" if is_closed else "Your list may be public again"
        if not self.submission:
            new = self.kind == self.Kind.AUTHOR
            return f"New paper by {self.name}" if new else "Your paper is listed"
        match self.submission.state:
            case Submission.State.LISTED:
                return "Your submission is listed"
            case Submission.State.REFUSED:
                return "Your submission is not listed"
        return "Your submission is back in the queue"

    @property
    def detail(self) -> str:
        """The reason of editors, how a reply begins, or whose page shows the paper; or empty."""
        decided = self.submission.reason if self.submission else ""
        if reason := self.reading_list.closed_why if self.reading_list else decided:
            return f"Reason: {reason}"
        if self.comment:
            is_visible = self.comment.state == Comment.State.VISIBLE
            text = self.comment.plain_text if is_visible else ""
            return shorten(text, MAX_REPLY_CHARS, placeholder="…")
        day = self.about.short_day if self.about and self.about.listed_on else ""
        return f"On the page of {day}" if day else ""

    @property
    def url(self) -> str:
        """The path that it leads to."""
        if self.comment:
            return self.comment.get_absolute_url()
        if self.reading_list:
            return self.reading_list.get_absolute_url()
        return self.about.get_absolute_url() if self.about else reverse("papers:submitted")
