"""NotificationMail: the one email of a day that tells a reader what happened.

It is a digest where one is due soon, else an email of its own:

1. A notification waits while its reader is to get a digest within `DIGEST_WITHIN` of it, and while
   one is in the queue (`readers_due`).
2. A digest that has papers claims it (`claim_for_digests`) and keeps it over all attempts.
3. Where no digest claims it, or that digest ends unsent, it goes by an email of its own at the next
   sweep. A digest that is uncertain keeps it: rather none than two.

Both claim the row of reader and day first and then lock the notifications, so each notification is
in one mail, whatever workers do at the same time.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from notifications.models import Notification
from notifications.models.notification import MAILED_WITHIN
from subscriptions.models.delivery import UNFINISHED_STATES, UNSENT_STATES, Delivery
from subscriptions.models.issue import Issue
from subscriptions.models.subscriber import Subscriber

RETRY_AFTER = timedelta(minutes=10)
# A day, and an hour as an event may be noted minutes after it happened, and a day on which clocks
# are turned back has 25 hours.
DIGEST_WITHIN = timedelta(hours=25)


class NotificationMailQuerySet(models.QuerySet["NotificationMail"]):
    # --- An email of its own ---

    def readers_due(self, now: datetime) -> list[int]:
        """Primary keys of readers who are to get an email of its own now."""
        had_theirs = self.filter(day=timezone.localdate(now)).exclude(self._may_be_tried(now))
        due = Notification.objects.to_mail(now).filter(
            reader__is_active=True,
            reader__emailaddress__primary=True,
            reader__emailaddress__verified=True,
        )
        due = due.exclude(Exists(_digest_to_come())).exclude(reader__in=had_theirs.values("reader"))
        return list(due.order_by("reader").values_list("reader", flat=True).distinct())

    @transaction.atomic
    def claim(
        self, reader_id: int, now: datetime, digest: Delivery | None = None
    ) -> "tuple[NotificationMail, list[Notification]]":
        """The email of today for this process alone, and what it is about.

        Nothing where another process has it, where it was sent, or where nothing is new.
        Raises NotificationMail.DoesNotExist then.
        """
        mail, is_new = self.get_or_create(reader_id=reader_id, day=timezone.localdate(now))
        if not is_new and not self.filter(self._may_be_tried(now), pk=mail.pk).update(
            state=self.model.State.SENDING, retry_at=None
        ):
            raise self.model.DoesNotExist
        new = Notification.objects.to_mail(now).filter(reader=reader_id)
        # What another mail claims at this moment is left to it.
        rows = list(new.in_mail_order().select_for_update(of=("self",), skip_locked=True))
        if not rows:
            raise self.model.DoesNotExist  # and takes the row of today back
        mail.notifications = [row.pk for row in rows]
        mail.state = self.model.State.DIGEST if digest else self.model.State.SENDING
        mail.delivery = digest
        mail.save(update_fields=["notifications", "state", "delivery"])
        Notification.objects.filter(pk__in=mail.notifications).update(mailed_at=now)
        return mail, rows

    def _may_be_tried(self, now: datetime) -> Q:
        return Q(state=self.model.State.DEFERRED, retry_at__lte=now)

    # --- In a digest ---

    def claim_for_digests(
        self, digests: Sequence[Delivery], now: datetime
    ) -> dict[int, list[Notification]]:
        """What is told in each digest, by its primary key. A second attempt tells the same.

        No query where no subscriber has an account, and one where no reader has news.
        """
        readers = {each.reader_id for each in digests if each.reader_id}
        if not readers:
            return {}
        new = Notification.objects.to_mail(now).filter(reader__in=readers)
        claimed = self.filter(delivery__in=digests)
        rows = new.values_list("reader").union(claimed.values_list("reader"))
        with_news = {reader_id for (reader_id,) in rows}
        told = {
            each.pk: self._claim_for_digest(each, each.reader_id, now)
            for each in digests
            if each.reader_id in with_news
        }
        return {pk: rows for pk, rows in told.items() if rows}

    def _claim_for_digest(
        self, digest: Delivery, reader_id: int, now: datetime
    ) -> list[Notification]:
        if not self.filter(delivery=digest).exists():
            with suppress(self.model.DoesNotExist):
                self.claim(reader_id, now, digest)
        # Read in any case: also a worker that took this one for dead may have claimed it just now.
        mail = self.filter(delivery=digest, reader=reader_id).first()
        claimed = Notification.objects.filter(pk__in=mail.notifications if mail else [])
        return list(claimed.wanted_by_mail().in_mail_order())

    def of_unsent_digests(self, now: datetime) -> "NotificationMailQuerySet":
        """Whose digest ended without being sent, as far as their news is still to be mailed."""
        oldest = timezone.localdate(now - MAILED_WITHIN)
        return self.filter(day__gte=oldest, delivery__state__in=UNSENT_STATES)

    @transaction.atomic
    def give_back(self) -> None:
        """Delete these mails in digests that were not sent: what they were to tell is due again."""
        rows = self.select_related("delivery")
        mails = list(rows.select_for_update(of=("self", "delivery"), skip_locked=True))
        if not mails:
            return
        notifications = [pk for mail in mails for pk in mail.notifications]
        Notification.objects.filter(pk__in=notifications).update(mailed_at=None)
        self.model.objects.filter(pk__in=[mail.pk for mail in mails]).delete()


def _digest_to_come() -> models.QuerySet[Subscriber]:
    """For an outer query of notifications: subscribers at an address of its reader, if due soon."""
    confirmed = EmailAddress.objects.filter(user=OuterRef(OuterRef("reader")), verified=True)
    is_due = Q(next_due_at__lte=OuterRef("happened_at") + DIGEST_WITHIN)
    is_queued = Q(
        deliveries__state__in=UNFINISHED_STATES, deliveries__issue__state=Issue.State.OPEN
    )
    readers_own = Subscriber.objects.active().filter(address__in=confirmed.values("email"))
    return readers_own.filter(is_due | is_queued)


class NotificationMail(models.Model):
    """`sending → sent | failed`, or `deferred`, which is tried again; or `digest`.

    It is `sending` before it is given to the relay. A worker that dies then leaves it so, and it
    is never sent again: rather none than two. What it was about is on the page all the same.
    The state of one in a digest is that of its delivery.
    """

    class State(models.TextChoices):
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        DEFERRED = "deferred", "deferred"
        FAILED = "failed", "failed"
        DIGEST = "digest", "in a digest"

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_mails"
    )
    day = models.DateField()  # of the site's calendar
    state = models.CharField(max_length=10, choices=State, default=State.SENDING)
    delivery = models.OneToOneField(
        Delivery, models.CASCADE, null=True, related_name="notification_mail"
    )
    notifications = ArrayField(models.BigIntegerField(), default=list)  # their primary keys
    retry_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    objects = NotificationMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "day"], name="one_notification_mail_of_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state="digest", delivery__isnull=False)
                | (~Q(state="digest") & Q(delivery=None)),
                name="notifications_in_a_digest",
            ),
        ]
        indexes = [
            models.Index("day", name="notification_digests", condition=Q(delivery__isnull=False)),
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
