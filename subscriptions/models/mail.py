"""What the mail system told us, and the addresses we may not write to."""

import hashlib
import hmac
import secrets

from django.db import models
from django.utils import timezone

from subscriptions.models.subscriber import fold


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
    """The one key of all suppressions, in the database: a new SECRET_KEY must not forget them."""

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
    def of(self, address: str) -> "SuppressionQuerySet":
        return self.filter(address_hash=hashed(address))

    def add(self, address: str, reason: str) -> "Suppression":
        """Of several reasons the gravest stands, in whatever order we hear of them."""
        row, is_new = self.get_or_create(
            address_hash=hashed(address), defaults={"reason": reason, "scope": scope_of(reason)}
        )
        if not is_new and GRAVITY.index(reason) > GRAVITY.index(row.reason):
            row.reason, row.scope = reason, scope_of(reason)
            row.save(update_fields=["reason", "scope"])
        return row


class Suppression(models.Model):
    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "hard bounce"
        SOFT_BOUNCES = "soft bounces", "soft bounces in a row"
        COMPLAINT = "complaint", "complaint"
        ERASED = "erased", "asked to be forgotten"
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


GRAVITY: list[str] = [
    Suppression.Reason.SOFT_BOUNCES,
    Suppression.Reason.COMPLAINT,
    Suppression.Reason.CURATOR,
    Suppression.Reason.ERASED,
    Suppression.Reason.HARD_BOUNCE,
]


def hashed(address: str, key: bytes | None = None) -> str:
    return hmac.new(
        key or SuppressionKey.read(), fold(address).encode(), hashlib.sha256
    ).hexdigest()


def scope_of(reason: str) -> str:
    # A dead mailbox gets no mail at all; a complaint must not cost anyone a password reset.
    hard = reason == Suppression.Reason.HARD_BOUNCE
    return Suppression.Scope.ALL if hard else Suppression.Scope.BULK
