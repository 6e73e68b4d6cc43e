"""VoteRing: accounts that seem to vote together, proposed by the nightly search to a curator."""

import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class VoteRingQuerySet(models.QuerySet["VoteRing"]):
    def open(self) -> "VoteRingQuerySet":
        """Those that nobody has decided on."""
        return self.filter(state=VoteRing.State.OPEN)

    def propose(self, accounts: Collection[int], **evidence: Any) -> None:
        """Propose a ring: a new row, or new evidence where an open row shares an account.

        Accounts of which a curator said that they are no ring are not proposed again, unless with
        others.
        """
        wanted = set(accounts)
        for row in self.filter(state=VoteRing.State.DISMISSED).prefetch_related("accounts"):
            if wanted <= {account.pk for account in row.accounts.all()}:
                return
        ring = self.open().filter(accounts__in=wanted).order_by("pk").first()
        ring = ring or VoteRing()
        for name, value in evidence.items():
            setattr(ring, name, value)
        ring.found_at = timezone.now()
        ring.save()
        ring.accounts.set(wanted)

    def reopen(self) -> int:
        """Take the decision back, as nothing else depends on it; how many."""
        return self.update(state=VoteRing.State.OPEN, batch=None, decided_by=None, decided_at=None)


class VoteRing(models.Model):
    """The evidence is that of the night it was found last: papers/vote_rings.py explains it."""

    class State(models.TextChoices):
        OPEN = "open", "to be decided"
        ACCEPTED = "accepted", "votes voided"
        DISMISSED = "dismissed", "no ring"

    accounts = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    papers = ArrayField(models.TextField(), default=list)  # keys
    common = models.FloatField("papers in common")  # of a pair, on average
    expected = models.FloatField("by chance")  # likewise
    in_network = models.BooleanField("new accounts of one network", default=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField("found", default=timezone.now)
    decided_at = models.DateTimeField("decided", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    batch = models.UUIDField(null=True)  # of the actions that voided its votes

    objects = VoteRingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"ring {self.pk}"

    def decide(self, state: "State", curator: Any, batch: uuid.UUID | None = None) -> None:
        self.state, self.decided_by, self.batch = state, curator, batch
        self.decided_at = timezone.now()
        self.save(update_fields=["state", "decided_by", "decided_at", "batch"])
