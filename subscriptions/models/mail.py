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
        """Those of an address and of its whole domain."""
        return self.filter(address_hash__in=suppression_hashes(address))

    def only_of(self, target: str) -> "SuppressionQuerySet":
        """The one of exactly this address, or of `@` and a domain."""
        target_hash = _hash(normalize_address(target), SuppressionKey.read())
        return self.filter(address_hash=target_hash)

    def ends_all_mail(self) -> "SuppressionQuerySet":
        """Account mail too, not digests and their confirmations alone."""
        return self.filter(scope=Suppression.Scope.ALL)

    def add(self, address: str, reason: str, scope: str = "", note: str = "") -> "Suppression":
        """Suppress an address, or a whole domain: `@example.org`, without its subdomains.

        Without `scope` it is that of the reason. Of several reasons the gravest is kept and of
        several scopes the wider, whichever came first.
        """
        address, scope = normalize_address(address), scope or scope_for(reason)
        departure_log.add(address, departure_log.suppression(reason, scope))
        row, is_new = self.get_or_create(
            address_hash=_hash(address, SuppressionKey.read()),
            defaults={
                "reason": reason,
                "scope": scope,
                "note": note,
                "is_domain": address.startswith("@"),
            },
        )
        if is_new:
            return row
        row.note = note or row.note
        row.reason = max(row.reason, reason, key=GRAVITY.index)
        row.scope = Suppression.Scope.ALL if Suppression.Scope.ALL in {row.scope, scope} else scope
        row.save(update_fields=["reason", "scope", "note"])
        return row

    def lift(self, address: str) -> int:
        """Undo the suppression of exactly this address or `@domain`; how many there were."""
        departure_log.add(normalize_address(address), departure_log.ALLOWED)
        return self.only_of(address).delete()[0]


class Suppression(models.Model):
    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard bounce", "hard bounce"
        SOFT_BOUNCES = "soft bounces", "soft bounces in a row"
        COMPLAINT = "complaint", "complaint"
        CURATOR = "curator", "by a curator"

    class Scope(models.TextChoices):
        BULK = "bulk", "digests"
        ALL = "all", "digests and account mail"

    address_hash = models.CharField(
        max_length=64, unique=True, help_text="Keyed hash of the address, or of @ and the domain."
    )
    is_domain = models.BooleanField("whole domain", default=False, editable=False)
    reason = models.CharField(max_length=20, choices=Reason)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.BULK)
    note = models.CharField(
        "why", max_length=200, blank=True, help_text="In the words of who suppressed it."
    )
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


def suppression_hashes(address: str, key: bytes | None = None) -> list[str]:
    """The hash of the address and that of its domain: either may be suppressed."""
    key = key or SuppressionKey.read()
    address = normalize_address(address)
    return [_hash(address, key), _hash(f"@{address.rpartition('@')[2]}", key)]


def _hash(address: str, key: bytes) -> str:
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


def scope_for(reason: str) -> str:
    # A dead mailbox gets no mail at all; a complaint must not cost anyone a password reset.
    ends_all = reason in {Suppression.Reason.HARD_BOUNCE, Suppression.Reason.CURATOR}
    return Suppression.Scope.ALL if ends_all else Suppression.Scope.BULK
