"""NotificationMail: the one email of a day that tells a reader what happened."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from notifications.models import Notification

if TYPE_CHECKING:
    from accounts.models import User

RETRY_AFTER = timedelta(minutes=10)


class NotificationMailQuerySet(models.QuerySet["NotificationMail"]):
    def readers_due(self, now: datetime) -> list[int]:
        """Primary keys of readers who are to get an email now, at a confirmed address."""
        had_theirs = self.filter(day=timezone.localdate(now)).exclude(self._may_be_tried(now))
        confirmed = EmailAddress.objects.filter(primary=True, verified=True, user__is_active=True)
        due = Notification.objects.to_mail(now).filter(reader__in=confirmed.values("user"))
        due = due.exclude(reader__in=had_theirs.values("reader"))
        return list(due.order_by("reader").values_list("reader", flat=True).distinct())

    @transaction.atomic
    def claim(self, reader: "User", now: datetime) -> "tuple[NotificationMail, list[Notification]]":
        """The email of today for this process alone, and what it is about.

        Nothing where another process has it, where it was sent, or where nothing is new.
        Raises NotificationMail.DoesNotExist then.
        """
        mail, is_new = self.get_or_create(reader=reader, day=timezone.localdate(now))
        if not is_new:
            row = self.filter(self._may_be_tried(now), pk=mail.pk)
            if not row.update(state=self.model.State.SENDING, retry_at=None):
                raise self.model.DoesNotExist
        rows = list(
            Notification.objects.to_mail(now)
            .filter(reader=reader)
            .with_subjects()
            .order_by("happened_at", "pk")
        )
        if not rows:
            raise self.model.DoesNotExist  # and takes the row of today back
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
        return mail, rows

    def _may_be_tried(self, now: datetime) -> Q:
        return Q(state=self.model.State.DEFERRED, retry_at__lte=now)


class NotificationMail(models.Model):
    """`sending → sent | failed`, or `deferred`, which is tried again.

    It is `sending` before it is given to the relay. A worker that dies then leaves it so, and it
    is never sent again: rather none than two. What it was about is on the page all the same.
    """

    class State(models.TextChoices):
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        DEFERRED = "deferred", "deferred"
        FAILED = "failed", "failed"

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_mails"
    )
    day = models.DateField()  # of the site's calendar
    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    retry_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    objects = NotificationMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "day"], name="one_notification_mail_of_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} to {self.reader}: {self.state}"

    def finish(self, state: State, error: str = "") -> None:
        self.state, self.last_error = state, error
        self.save(update_fields=["state", "last_error"])

    @transaction.atomic
    def defer(self, rows: "Iterable[Notification]", now: datetime, error: str) -> None:
        """Nothing was sent; these stay due."""
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=None)
        self.retry_at = now + RETRY_AFTER
        self.save(update_fields=["retry_at"])
        self.finish(self.State.DEFERRED, error)
