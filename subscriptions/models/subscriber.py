"""A subscriber: a mail address, its consent, and when its next digest is due."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from allauth.account.models import EmailAddress
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from accounts.mailbox import mailbox
from accounts.models import CuratorNote
from notifications.models import MailChoice
from papers.bounded_numbers import bounded_number
from subscriptions import departure_log, schedule, tokens
from subscriptions.durations import duration_setting
from subscriptions.tokens import Purpose

DEFAULT_HOUR = 7


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def active(self) -> "SubscriberQuerySet":
        """Confirmed, and neither unsubscribed nor paused."""
        return self.filter(confirmed_at__isnull=False, unsubscribed_at=None, paused_at=None)

    def due(self, now: datetime) -> "SubscriberQuerySet":
        return self.active().filter(next_due_at__lte=now).order_by("next_due_at", "pk")

    def planned_too_late(self, now: datetime) -> "SubscriberQuerySet":
        """Whose next issue is further off than their subscriptions allow: a clock had jumped."""
        too_late = [
            Q(subscriptions__frequency=frequency, next_due_at__gt=now + wait)
            for frequency, wait in schedule.MAX_WAIT_BY_FREQUENCY.items()
        ]
        late = self.filter(reduce(or_, too_late)).values("pk")
        return self.active().filter(pk__in=late, next_due_at__gt=now).order_by("pk")

    def save_next_due_at(self, subscribers: "Sequence[Subscriber]") -> None:
        """Write `next_due_at` of many rows. Django's bulk_update takes ten times as long."""
        keys = [subscriber.pk for subscriber in subscribers]
        times = [subscriber.next_due_at for subscriber in subscribers]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE subscriptions_subscriber SET next_due_at = new.next_due_at"
                " FROM unnest(%s::bigint[], %s::timestamptz[]) AS new (id, next_due_at)"
                " WHERE subscriptions_subscriber.id = new.id",
                [keys, times],
            )

    def awaiting_confirmation_mail(self, now: datetime) -> "SubscriberQuerySet":
        """Whose confirmation mail is still to be sent.

        Not those where it was tried a moment ago, or could not be sent for a day.
        """
        pause = duration_setting("CONFIRMATION_PAUSE_SECONDS")
        # Not by a time in the future, where a clock had jumped.
        tried_just_now = Q(confirmation_sent_at__gt=now - pause, confirmation_sent_at__lte=now)
        oldest_request = now - duration_setting("MAIL_STALE_SECONDS")
        return self.filter(wishes__isnull=False, asked_at__gt=oldest_request).exclude(
            tried_just_now
        )

    def never_confirmed(self, now: datetime) -> "SubscriberQuerySet":
        """Whose last confirmation link has expired: their rows are deleted."""
        return self.annotate(requested_at=Coalesce("asked_at", "created_at")).filter(
            confirmed_at=None, requested_at__lte=now - duration_setting("CONFIRMATION_LIFE_SECONDS")
        )

    def by_address(self, address: str) -> "Subscriber | None":
        return self.filter(address=normalize_address(address)).first()

    def of_reader(self, reader: Any) -> "SubscriberQuerySet":
        """Those whose address the account has confirmed."""
        confirmed = EmailAddress.objects.filter(user=reader, verified=True)
        return self.filter(address__in=confirmed.values("email"))

    def by_token(self, purpose: Purpose, token: str) -> "Subscriber | None":
        """The subscriber that a link of this purpose names; None for a revoked token."""
        ids = tokens.read(purpose, token)
        return self.filter(pk=ids[0], token_version=ids[1]).first() if ids else None


class Subscriber(models.Model):
    address = models.EmailField("mail address", max_length=254, unique=True)
    mailbox = models.CharField(max_length=254, editable=False, default="")  # see accounts.mailbox
    time_zone = models.CharField(max_length=60, default="UTC")
    hour = models.PositiveSmallIntegerField(
        default=DEFAULT_HOUR, validators=[MaxValueValidator(23)], help_text="Local, 0 to 23."
    )
    next_due_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    wishes = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="What was asked for, until the mail that carries it in its link has left.",
    )
    used_links = ArrayField(
        models.DateTimeField(),
        default=list,
        editable=False,
        help_text="When that was requested which a confirmation link has confirmed.",
    )
    confirmation_sent_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    consent_text = models.TextField("agreed to", blank=True)
    consent_at = models.DateTimeField("agreed at", null=True, blank=True)
    consent_how = models.CharField("agreed how", max_length=100, blank=True)
    soft_bounces = models.PositiveSmallIntegerField("soft bounces in a row", default=0)
    token_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    curator_notes = GenericRelation(CuratorNote)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="address_is_case_folded"
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="hour_of_a_day"),
        ]
        indexes = [
            # Only those who get mail, so that a search for due ones never reads the others.
            models.Index(
                "next_due_at",
                name="subscribers_due",
                condition=Q(confirmed_at__isnull=False, unsubscribed_at=None),
            ),
            models.Index(
                "asked_at",
                name="subscribers_to_be_asked",
                condition=Q(wishes__isnull=False),
            ),
            models.Index("mailbox", name="subscribers_by_mailbox"),
            models.Index(
                "created_at", name="subscribers_unconfirmed", condition=Q(confirmed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.address

    def save(self, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.address = normalize_address(self.address)
        self.mailbox = mailbox(self.address)
        super().save(**kwargs)

    def clean(self) -> None:
        # Not a validator of the field: migrations import no live code.
        if self.time_zone and self.time_zone not in available_timezones():
            raise ValidationError(
                {"time_zone": f"“{self.time_zone}” is no time zone such as Europe/Berlin."}
            )

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.unsubscribed_at is None

    @property
    def is_active(self) -> bool:
        return self.is_confirmed and self.paused_at is None

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):  # a zone that newer tables no longer know
            return ZoneInfo("UTC")

    def consent(self, text: str, how: str, now: datetime) -> None:
        """Confirm the address, and record what its reader agreed to. Ends a pause."""
        if not self.is_confirmed:
            self.subscriptions.all().delete()  # from before they unsubscribed: not requested now
            self.confirmed_at, self.unsubscribed_at = now, None
        self.paused_at = None
        self.consent_text, self.consent_how, self.consent_at = text, how, now
        self.save()

    def schedule_next_issue(self, now: datetime) -> None:
        """Set `next_due_at` again after subscriptions, hour or time zone changed."""
        subscriptions = list(self.subscriptions.all()) if self.is_active else []
        self.next_due_at = schedule.next_due(subscriptions, self.hour, self.zone, now)
        self.save(update_fields=["next_due_at"])

    @transaction.atomic
    def unsubscribe(self, now: datetime) -> None:
        """Stop all mail to this address, also a confirmation mail that is still to be sent.

        Notifications by email, too, of the account that has verified the address.
        """
        Subscriber.objects.filter(pk=self.pk).update(wishes=None, next_due_at=None)
        Subscriber.objects.filter(pk=self.pk, unsubscribed_at=None).update(unsubscribed_at=now)
        owners = EmailAddress.objects.filter(email__iexact=self.address, verified=True)
        MailChoice.objects.stop(owners.values_list("user", flat=True))
        departure_log.add(self.address, departure_log.UNSUBSCRIBED)
        self.refresh_from_db()

    def pause(self, now: datetime) -> None:
        """Stop digests until `resume`; all subscriptions are kept."""
        Subscriber.objects.filter(pk=self.pk, paused_at=None).update(paused_at=now)
        self.refresh_from_db()
        self.schedule_next_issue(now)

    def resume(self, now: datetime) -> None:
        """Go on with the next issue; issues missed during the pause are not sent."""
        Subscriber.objects.filter(pk=self.pk).update(paused_at=None)
        self.refresh_from_db()
        self.schedule_next_issue(now)

    @transaction.atomic
    def end_subscriptions(self, ids: list[str], now: datetime) -> None:
        """Delete these subscriptions; with the last one all mail stops."""
        keys = set()
        for text in ids:
            with suppress(ValueError):  # no key: nothing of ours
                keys.add(bounded_number(text))
        self.subscriptions.filter(pk__in=keys).delete()
        if self.subscriptions.exists():
            self.schedule_next_issue(now)
        else:
            self.unsubscribe(now)

    @property
    def preferences_url(self) -> str:
        return tokens.path("preferences", self.preferences_token)

    @property
    def preferences_token(self) -> str:
        return tokens.make(Purpose.PREFERENCES, self.pk, self.token_version)

    @property
    def unsubscribe_url(self) -> str:
        token = tokens.make(Purpose.UNSUBSCRIBE, self.pk, self.token_version)
        return tokens.path("unsubscribe", token)


def normalize_address(address: str) -> str:
    return address.strip().lower()
