"""The queue of deliveries: which are due, claimed by a worker, sent, abandoned or too old."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from subscriptions import tokens
from subscriptions.durations import duration_setting
from subscriptions.models import send_gate
from subscriptions.models.delivery_paper import DeliveryPaper
from subscriptions.models.issue import Issue
from subscriptions.models.mail import SuppressionKey, suppression_hashes
from subscriptions.models.send_rate import ALL_DOMAINS, Pace, is_limited
from subscriptions.models.subscription import Subscription
from subscriptions.tokens import Purpose

if TYPE_CHECKING:
    from subscriptions.models.delivery import Delivery

MAX_WORKER_DEATHS = 5  # while preparing one delivery, until it is given up


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> "DeliveryQuerySet":
        return self.filter(
            state__in=[self.model.State.PENDING, self.model.State.DEFERRED],
            due_at__lte=now,
            expires_at__gt=now,
            issue__state=Issue.State.OPEN,
        )

    def count_by_state(self) -> dict[str, int]:
        """States without any delivery are left out."""
        return dict(self.order_by().values_list("state").annotate(models.Count("pk")))

    def count_uncertain(self, last: int) -> int:
        """How many of the last mails given to the relay, by whatever worker, may have arrived."""
        given = self.filter(sent_at__isnull=False).order_by("-sent_at", "-pk")
        states = list(given.values_list("state", flat=True)[:last])
        return states.count(self.model.State.UNCERTAIN)

    def any_wait_for_rate(self, now: datetime) -> bool:
        """Whether something is due that a sending rate holds back."""
        return is_limited() and self.due(now).exists()

    @transaction.atomic
    def claim(
        self, now: datetime, limit: int, exclude_domains: Collection[str] = ()
    ) -> "list[Delivery]":
        """Up to `limit` that are due, for this worker alone until their lease runs out.

        Domains at their rate limit are skipped, so that their mail does not hold up others.
        """
        at_limit = Pace.objects.domains_at_limit()
        if ALL_DOMAINS in at_limit:
            return []
        free = self.due(now).exclude(domain__in=[*exclude_domains, *at_limit])
        free = free.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
        candidates = list(free.values_list("pk", "domain")[:limit])
        granted = Pace.objects.take(domain for _, domain in candidates)
        ids = []
        for pk, domain in candidates:
            if granted[domain]:
                granted[domain] -= 1
                ids.append(pk)
        lease_until = Now() + duration_setting("MAIL_CLAIM_SECONDS")
        self.filter(pk__in=ids).update(state=self.model.State.CLAIMED, lease_until=lease_until)
        claimed = list(
            self.filter(pk__in=ids)
            .select_related("subscriber")
            .prefetch_related("issue")
            .order_by("due_at", "pk")
        )
        subscriptions = Subscription.objects.by_subscriber(
            delivery.subscriber_id for delivery in claimed
        )
        key = SuppressionKey.read() if claimed else b""
        for delivery in claimed:
            delivery.suppression_hashes = suppression_hashes(delivery.subscriber.address, key)
            delivery.subscriptions = subscriptions[delivery.subscriber_id]
        return claimed

    def count_attempt(self, deliveries: "Sequence[Delivery]") -> None:
        """Before they are prepared, as one of them may kill its worker."""
        for delivery in deliveries:
            delivery.attempts += 1
        self.still_leased(deliveries).update(attempts=F("attempts") + 1)

    def release(self, deliveries: "Sequence[Delivery]") -> None:
        """For another run; the attempt does not count, as nothing was sent."""
        self.still_leased(deliveries).update(
            state=self.model.State.PENDING, lease_until=None, attempts=F("attempts") - 1
        )

    def still_leased(self, deliveries: "Iterable[Delivery]") -> "DeliveryQuerySet":
        """Those whose lease this worker still holds: no two claims have the same `lease_until`."""
        leases = {delivery.lease_until for delivery in deliveries}
        ids = [delivery.pk for delivery in deliveries]
        return self.filter(pk__in=ids, state=self.model.State.CLAIMED, lease_until__in=leases)

    def start_sending(
        self,
        leaving: "Sequence[Delivery]",
        sent: "Sequence[Delivery]" = (),
        now: datetime | None = None,
        is_retry: bool = False,
    ) -> set[int]:
        """Set `leaving` to `sending` where nothing forbids it, and `sent` to `sent`.

        Returns the keys of those that may be sent now. With `is_retry` the answer to the first
        try was lost with the connection to the database, and nothing has been sent since.
        """
        passed = send_gate.pass_gate(leaving, sent, now or timezone.now(), is_retry)
        for delivery in sent:
            delivery.state = self.model.State.SENT
        return passed

    def by_token(self, token: str) -> "Delivery | None":
        """The digest that a “view in browser” link shows."""
        content = tokens.read(Purpose.VIEW, token)
        if content is None:
            return None
        pk, token_version = content
        matches = self.filter(pk=pk, subscriber__token_version=token_version)
        return matches.select_related("issue").first()

    def recover_from_dead_workers(self) -> None:
        """Those whose lease ran out: uncertain where they may have been sent, else pending.

        Leases go by the database's clock: they are about processes, whatever time
        `send_digests --at` says. A longer lease than any was given before a clock was set back.
        """
        longest = duration_setting("MAIL_CLAIM_SECONDS") + duration_setting("MAIL_SENDING_SECONDS")
        abandoned = self.filter(Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + longest))
        abandoned.filter(state=self.model.State.SENDING).update(
            state=self.model.State.UNCERTAIN,
            lease_until=None,
            last_error="its worker died while sending: it may have arrived",
        )
        claimed = abandoned.filter(state=self.model.State.CLAIMED)
        claimed.filter(attempts__lt=MAX_WORKER_DEATHS).update(
            state=self.model.State.PENDING, lease_until=None
        )
        claimed.filter(attempts__gte=MAX_WORKER_DEATHS).finish(
            self.model.State.FAILED, last_error=f"{MAX_WORKER_DEATHS} workers died over it"
        )

    def expire(self, now: datetime) -> None:
        """An issue that is too old is not sent; its papers may come with the next one."""
        late = self.filter(expires_at__lte=now)
        late.filter(state=self.model.State.PENDING).finish(self.model.State.EXPIRED)
        late.filter(state=self.model.State.DEFERRED).finish(self.model.State.FAILED)

    @transaction.atomic
    def finish(self, state: "Delivery.State", **changes: Any) -> bool:
        """Not to be sent any more: their papers may come in other mails."""
        ids = list(self.select_for_update().values_list("pk", flat=True))
        DeliveryPaper.objects.filter(delivery__in=ids).delete()
        changes |= {"state": state, "lease_until": None}
        return self.model.objects.filter(pk__in=ids).update(**changes) > 0
