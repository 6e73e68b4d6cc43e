"""A delivery is the one mail of an issue to a subscriber, and where it stands."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from random import uniform
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from subscriptions import tokens
from subscriptions.durations import limit
from subscriptions.models import send_gate
from subscriptions.models.issue import Issue
from subscriptions.models.mail import SuppressionKey, hash_address
from subscriptions.models.pace import ALL, Pace, is_limited
from subscriptions.models.subscriber import Subscriber
from subscriptions.models.subscription import Subscription
from subscriptions.tokens import Purpose

MOST_DEATHS = 5  # of workers over one delivery, until it is given up
LONGEST_WAIT = timedelta(hours=6)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def to_do(self, now: datetime) -> "DeliveryQuerySet":
        return self.filter(
            state__in=[Delivery.State.PENDING, Delivery.State.DEFERRED],
            due_at__lte=now,
            expires_at__gt=now,
            issue__state=Issue.State.OPEN,
        )

    def by_state(self) -> dict[str, int]:
        """How many of them are in each state that any of them is in."""
        return dict(self.order_by().values_list("state").annotate(models.Count("pk")))

    def waits(self, now: datetime) -> bool:
        """Whether something is due that a rate holds back."""
        return is_limited() and self.to_do(now).exists()

    @transaction.atomic
    def claim(self, now: datetime, most: int, but_not: Collection[str] = ()) -> "list[Delivery]":
        """Up to so many, for this worker alone until their lease runs out.

        Domains that get mail too fast are passed over, so that theirs does not stand in the way.
        """
        too_fast = Pace.objects.too_fast()
        if ALL in too_fast:
            return []
        free = self.to_do(now).exclude(domain__in=[*but_not, *too_fast])
        free = free.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
        found = list(free.values_list("pk", "domain")[:most])
        granted = Pace.objects.take(domain for _, domain in found)
        ids = []
        for pk, domain in found:
            if granted[domain]:
                granted[domain] -= 1
                ids.append(pk)
        self.filter(pk__in=ids).update(
            state=Delivery.State.CLAIMED, lease_until=Now() + limit("MAIL_CLAIM_SECONDS")
        )
        claimed = list(
            self.filter(pk__in=ids)
            .select_related("subscriber")
            .prefetch_related("issue")
            .order_by("due_at", "pk")
        )
        subscriptions = Subscription.objects.by_subscriber(it.subscriber_id for it in claimed)
        key = SuppressionKey.read() if claimed else b""
        for delivery in claimed:
            delivery.address_hash = hash_address(delivery.subscriber.address, key)
            delivery.subscriptions = subscriptions[delivery.subscriber_id]
        return claimed

    def start(self, deliveries: "Sequence[Delivery]") -> None:
        """Count the attempt, before a poisonous one can kill its worker."""
        for delivery in deliveries:
            delivery.attempts += 1
        self.held(deliveries).update(attempts=F("attempts") + 1)

    def put_back(self, deliveries: "Sequence[Delivery]") -> None:
        """Never tried, for no fault of theirs."""
        self.held(deliveries).update(
            state=Delivery.State.PENDING, lease_until=None, attempts=F("attempts") - 1
        )

    def held(self, deliveries: "Iterable[Delivery]") -> "DeliveryQuerySet":
        """Those of which this worker still has the lease: no two claims ever have the same."""
        leases = {it.lease_until for it in deliveries}
        ids = [it.pk for it in deliveries]
        return self.filter(pk__in=ids, state=Delivery.State.CLAIMED, lease_until__in=leases)

    def put_on_wire(
        self,
        going: "Sequence[Delivery]",
        arrived: "Sequence[Delivery]" = (),
        now: datetime | None = None,
        again: bool = False,
    ) -> set[int]:
        """The last look at whatever forbids these mails, in the statement that lets them go.

        Those that may, by key. Others that have arrived are written down in the same statement,
        as each costs a commit. `again`: the answer to the first asking was lost with the
        connection, and nothing has left since.
        """
        passed = send_gate.let_go(going, arrived, now or timezone.now(), again)
        for delivery in arrived:
            delivery.state = Delivery.State.SENT
        return passed

    def by_token(self, token: str) -> "Delivery | None":
        """Which digest this link shows."""
        named = tokens.read(Purpose.VIEW, token)
        found = (
            self.filter(pk=named[0], subscriber__token_version=named[1]) if named else self.none()
        )
        return found.select_related("issue").first()

    def recover(self) -> None:
        """What dead workers left behind.

        Leases go by the database's clock: they are about processes, whatever time it is for
        `send_digests --at`.
        """
        left = self.filter(lease_until__lt=Now())
        left.filter(state=Delivery.State.SENDING).update(
            state=Delivery.State.UNCERTAIN,
            lease_until=None,
            last_error="its worker died on the wire: it may have arrived",
        )
        claimed = left.filter(state=Delivery.State.CLAIMED)
        claimed.filter(attempts__lt=MOST_DEATHS).update(
            state=Delivery.State.PENDING, lease_until=None
        )
        claimed.filter(attempts__gte=MOST_DEATHS).end(
            Delivery.State.FAILED, last_error=f"{MOST_DEATHS} workers died over it"
        )

    def expire(self, now: datetime) -> None:
        """Yesterday's news is not sent; its papers may come with the next issue."""
        late = self.filter(expires_at__lte=now)
        late.filter(state=Delivery.State.PENDING).end(Delivery.State.EXPIRED)
        late.filter(state=Delivery.State.DEFERRED).end(Delivery.State.FAILED)

    @transaction.atomic
    def end(self, state: "Delivery.State", **changes: Any) -> bool:
        """Not to be sent any more: what was put into these mails is free for others."""
        ids = list(self.select_for_update().values_list("pk", flat=True))
        DeliveryPaper.objects.filter(delivery__in=ids).delete()
        changes |= {"state": state, "lease_until": None}
        return Delivery.objects.filter(pk__in=ids).update(**changes) > 0


class Delivery(models.Model):
    """`pending → claimed → sending → sent`, or one of the ends below.

    `sending` is committed just before the wire. A worker that dies there leaves `uncertain`,
    which nobody sends again by itself: rather a doubt with a name than a second mail.
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
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    address_hash = ""  # by which a suppression is found; of a claimed one

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
        """The same for every attempt, so that a mailbox can tell a second copy."""
        return self.message_id or message_id(self.issue, self.subscriber_id)

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        """All that its subscriber asks for, be it for this issue or not."""
        return Subscription.objects.by_subscriber([self.subscriber_id])[self.subscriber_id]

    @property
    def view_url(self) -> str:
        """The same digest on the web, for whoever it was forwarded to: it opens nothing else."""
        token = tokens.make(Purpose.VIEW, self.pk, self.subscriber.token_version)
        return tokens.path("view", token)

    # --- On its way. Each step asks whether this worker still holds the lease. ---

    def send_again(self, now: datetime) -> bool:
        """A curator takes the doubt upon themselves. Under the same Message-ID, so that a
        mailbox that has the first may drop the second."""
        again = Delivery.objects.filter(pk=self.pk, state=self.State.UNCERTAIN).update(
            state=self.State.PENDING,
            due_at=now,
            expires_at=now + limit("MAIL_STALE_SECONDS"),
            attempts=0,
            last_error="",
        )
        return again == 1

    def stop(self) -> None:
        """Kept from the wire: why is found out now, at leisure."""
        if Issue.objects.filter(pk=self.issue_id, state=Issue.State.OPEN).exists():
            self._end(self.State.SUPPRESSED, Delivery.objects.held([self]))
        else:
            self.put_back()

    def put_back(self) -> None:
        self._become(self.State.PENDING)

    def leave_empty(self) -> None:
        self._end(self.State.EMPTY)

    def defer(self, now: datetime, error: str) -> None:
        wait = min(limit("MAIL_RETRY_SECONDS") * 2 ** min(self.attempts - 1, 10), LONGEST_WAIT)
        due_at = now + wait * uniform(0.8, 1.2)
        self._become(self.State.DEFERRED, due_at=due_at, last_error=error)

    def fail(self, error: str) -> None:
        self._end(self.State.FAILED, last_error=error)

    def doubt(self, error: str) -> None:
        self._become(self.State.UNCERTAIN, last_error=error)

    def _become(self, state: State, **changes: Any) -> None:
        self.state = state
        self._mine().update(state=state, lease_until=None, **changes)

    def _end(self, state: State, of: DeliveryQuerySet | None = None, **changes: Any) -> None:
        self.state = state
        (self._mine() if of is None else of).end(state, **changes)

    def _mine(self) -> DeliveryQuerySet:
        """This attempt, even where it was thought dead meanwhile: its worker knows better."""
        in_hand = [self.State.CLAIMED, self.State.SENDING, self.State.UNCERTAIN]
        return Delivery.objects.filter(pk=self.pk, attempts=self.attempts, state__in=in_hand)


def message_id(issue: Issue, subscriber_id: int) -> str:
    recipient = salted_hmac("subscriptions.message-id", str(subscriber_id)).hexdigest()[:24]
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{issue.frequency}.{issue.period}.{recipient}@{host}>"


class DeliveryPaper(models.Model):
    """A paper in a mail: never twice to one subscriber, in whatever mail.

    Triggers, not foreign keys, delete it with its mail or paper (migration 0003).
    """

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="contents", db_constraint=False
    )
    # Found by the index of `never_twice`; one more would only slow every mail.
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, db_index=False, db_constraint=False)
    paper = models.ForeignKey(
        "papers.Paper", models.CASCADE, related_name="mailed", db_constraint=False
    )
    section = models.CharField(max_length=320)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["subscriber", "paper"], name="never_twice")]

    def __str__(self) -> str:
        return f"{self.paper} in {self.delivery}"
