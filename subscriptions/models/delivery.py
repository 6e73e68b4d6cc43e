"""Delivery: the one mail of an issue to a subscriber, and its state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from random import uniform
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from subscriptions import tokens
from subscriptions.durations import duration_setting
from subscriptions.models.delivery_queue import DeliveryQuerySet
from subscriptions.models.issue import Issue
from subscriptions.models.subscriber import Subscriber
from subscriptions.models.subscription import Subscription, reader_of
from subscriptions.tokens import Purpose

MAX_RETRY_WAIT = timedelta(hours=6)


class Delivery(models.Model):
    """`pending → claimed → sending → sent`, or one of the ends below.

    `sending` is committed just before the mail is given to the relay. A worker that dies then
    leaves `uncertain`, which is never sent again by itself: a mail that may be missing, and is
    counted, is better than a second copy.
    """

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        CLAIMED = "claimed", "claimed"
        SENDING = "sending", "sending"
        SENT = "sent", "sent"
        DEFERRED = "deferred", "deferred"
        FAILED = "failed", "failed"
        SUPPRESSED = "suppressed", "suppressed"
        EMPTY = "empty", "empty"
        UNCERTAIN = "uncertain", "uncertain"
        EXPIRED = "expired", "expired"

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    domain = models.CharField(max_length=255, blank=True, help_text="Of the address: for rates.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    due_at = models.DateTimeField(default=timezone.now, help_text="Not before this.")
    expires_at = models.DateTimeField(help_text="Not after this.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField("Message-ID", max_length=300, blank=True)
    last_error = models.TextField(blank=True)
    sections = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="Of its digest: title, kind of subscription, papers left out of each.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="Of an uncertain one: when it was given to the relay."
    )

    suppression_hashes: Sequence[str] = ("", "")  # of its address and of the domain; set by claim()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="one_delivery_each"),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "sending"]) | Q(lease_until__isnull=False),
                name="work_in_hand_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                "due_at", name="deliveries_to_do", condition=Q(state__in=["pending", "deferred"])
            ),
            models.Index(
                "lease_until",
                name="deliveries_in_hand",
                condition=Q(state__in=["claimed", "sending"]),
            ),
            models.Index("issue", "state", name="account_of_an_issue"),
        ]

    def __str__(self) -> str:
        return f"{self.issue} to {self.subscriber}: {self.state}"

    def save(self, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.domain = self.domain or self.subscriber.domain
        self.message_id = self.stable_id
        super().save(**kwargs)

    @property
    def stable_id(self) -> str:
        """The Message-ID, the same for every attempt, so that a mailbox can recognize a copy."""
        return self.message_id or message_id(self.issue, self.subscriber_id)

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        """All subscriptions of its subscriber, also those of other frequencies."""
        return Subscription.objects.by_subscriber([self.subscriber_id])[self.subscriber_id]

    @property
    def reader_id(self) -> int | None:
        """The account that has confirmed the subscriber's address, if any."""
        return reader_of(self.subscriptions)

    @property
    def view_url(self) -> str:
        """Path of this digest on the web. It may be forwarded: the token opens nothing else."""
        token = tokens.make(Purpose.VIEW, self.pk, self.subscriber.token_version)
        return tokens.path("view", token)

    # --- Changes of state: each only of this attempt, see _this_attempt ---

    def send_again(self, now: datetime) -> bool:
        """A curator decided to send an uncertain mail again.

        It has the same Message-ID, so that a mailbox that has the first may drop the second.
        """
        updated = Delivery.objects.filter(pk=self.pk, state=self.State.UNCERTAIN).update(
            state=self.State.PENDING,
            due_at=now,
            expires_at=now + duration_setting("MAIL_STALE_SECONDS"),
            attempts=0,
            sent_at=None,
            last_error="",
        )
        return updated == 1

    def withhold(self) -> None:
        """The send gate did not let it pass: the reason is looked up only now."""
        if Issue.objects.filter(pk=self.issue_id, state=Issue.State.OPEN).exists():
            self._finish(self.State.SUPPRESSED, Delivery.objects.still_leased([self]))
        else:
            self.release()

    def release(self) -> None:
        self._set_state(self.State.PENDING)

    def mark_empty(self) -> None:
        self._finish(self.State.EMPTY)

    def defer(self, now: datetime, error: str) -> None:
        first_wait = duration_setting("MAIL_RETRY_SECONDS")
        wait = min(first_wait * 2 ** min(self.attempts - 1, 10), MAX_RETRY_WAIT)
        due_at = now + wait * uniform(0.8, 1.2)
        self._set_state(self.State.DEFERRED, due_at=due_at, last_error=error)

    def fail(self, error: str) -> None:
        self._finish(self.State.FAILED, last_error=error)

    def mark_uncertain(self, now: datetime, error: str) -> None:
        self._set_state(self.State.UNCERTAIN, sent_at=now, last_error=error)

    def _set_state(self, state: State, **changes: Any) -> None:
        self.state = state
        self._this_attempt().update(state=state, lease_until=None, **changes)

    def _finish(self, state: State, rows: DeliveryQuerySet | None = None, **changes: Any) -> None:
        self.state = state
        (self._this_attempt() if rows is None else rows).finish(state, **changes)

    def _this_attempt(self) -> DeliveryQuerySet:
        """Its row, even if the lease ran out: the worker that calls this knows the outcome."""
        unfinished = [self.State.CLAIMED, self.State.SENDING, self.State.UNCERTAIN]
        return Delivery.objects.filter(pk=self.pk, attempts=self.attempts, state__in=unfinished)


State = Delivery.State
QUEUED_STATES = [State.PENDING, State.CLAIMED, State.DEFERRED]  # surely not sent yet
UNFINISHED_STATES = [*QUEUED_STATES, State.SENDING]
UNSENT_STATES = [State.EMPTY, State.SUPPRESSED, State.FAILED, State.EXPIRED]  # for good


def message_id(issue: Issue, subscriber_id: int) -> str:
    recipient = salted_hmac("subscriptions.message-id", str(subscriber_id)).hexdigest()[:24]
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{issue.frequency}.{issue.period}.{recipient}@{host}>"
