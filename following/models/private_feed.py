"""PrivateFeed: the secret address of a feed of one reader, which they may replace or delete.

The token is stored as it is: the reader's page shows the address again whenever they need it.
"""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

TOKEN_BYTES = 24
MAX_KIND_CHARS = 20


class PrivateFeedQuerySet(models.QuerySet["PrivateFeed"]):
    def renew(self, reader: "User", kind: str) -> None:
        """Give the feed a new address: the first one, or in place of the old, which then ends."""
        new = {"token": secrets.token_urlsafe(TOKEN_BYTES), "created_at": timezone.now()}
        self.update_or_create(reader=reader, kind=kind, defaults=new)

    def revoke(self, reader: "User", kind: str) -> None:
        """End the address. Again changes nothing."""
        self.filter(reader=reader, kind=kind).delete()


class PrivateFeed(models.Model):
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="private_feeds"
    )
    kind = models.CharField(max_length=MAX_KIND_CHARS)  # a name in following/private_feeds.py
    token = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PrivateFeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "kind"], name="one_private_feed_of_each_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.reader}"
