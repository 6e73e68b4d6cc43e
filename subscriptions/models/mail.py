"""Mail events (bounces, complaints, arrivals), and the addresses we may not write to."""

import hashlib
import hmac
import secrets

from django.db import models
from django.utils import timezone

from subscriptions import departure_log
from subscriptions.models.subscriber import normalize_address


class MailEvent(models.Model):
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    delivery = models.ForeignKey(
        "subscriptions.Delivery", models.SET_NULL, null=True, blank=True, related_name="events"
    )
    said = models.JSONField(default=dict)
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-happened_at"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="events_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


class SuppressionKey(models.Model):
    """The key by which suppressed addresses are hashed.

    It is in the database, as a changed SECRET_KEY must not lose the suppressions.
    """

    key = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="only_one_key")]

    def __str__(self) -> str:
        return "the key of suppressions"

    @classmethod
    def read(cls) -> bytes:
        row, _ = cls.objects.get_or_create(pk=1, defaults={"key": secrets.token_bytes(32)})
        return bytes(row.key)


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def for_address(self, address: str) -> "SuppressionQuerySet":
        return self.filter(address_hash=hash_address(address))

    def ends_all_mail(self) -> "SuppressionQuerySet":
        """Account mail too, not digests and their confirmations alone."""
        return self.filter(scope=Suppression.Scope.ALL)

    def add(self, address: str, reason: str) -> "Suppression":
        """Suppress an address; of several reasons the gravest is kept, whichever came first."""
        departure_log.add(normalize_address(address), reason)
        row, is_new = self.get_or_create(
            address_hash=hash_address(address),
            defaults={"reason": reason, "scope": scope_for(reason)},
        )
        if not is_new and GRAVITY.index(reason) > GRAVITY.index(row.reason):
            row.reason, row.scope = reason, scope_for(reason)
            row.save(update_fields=["reason", "scope"])
        return row


class Suppression(models.Model):
    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "hard bounce"
        SOFT_BOUNCES = "soft bounces", "soft bounces in a row"
        COMPLAINT = "complaint", "complaint"
        CURATOR = "curator", "by a curator"

    class Scope(models.TextChoices):
        BULK = "bulk", "digests"
        ALL = "all", "digests and account mail"

    address_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=20, choices=Reason)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.BULK)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.address_hash[:12]}…: {self.reason}"


# From the least to the gravest.
GRAVITY: list[str] = [
    Suppression.Reason.SOFT_BOUNCES,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.CURATOR,
    Suppression.Reason.HARD_BOUNCE,
]


def hash_address(address: str, key: bytes | None = None) -> str:
    return hmac.new(
        key or SuppressionKey.read(), normalize_address(address).encode(), hashlib.sha256
    ).hexdigest()


def scope_for(reason: str) -> str:
    # A dead mailbox gets no mail at all; a complaint must not cost anyone a password reset.
    ends_all = reason in {Suppression.Reason.HARD_BOUNCE, Suppression.Reason.CURATOR}
    return Suppression.Scope.ALL if ends_all else Suppression.Scope.BULK
