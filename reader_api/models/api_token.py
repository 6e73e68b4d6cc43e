"""ApiToken: lets a program of a reader use the API in their name.

The token itself is shown once, and only its hash is stored: whoever reads the database cannot use
it. It is random and long, so a fast hash without salt is enough.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

PREFIX = "tp_"  # so that programs that look for leaked secrets can recognise one
SECRET_BYTES = 32
MAX_NAME_CHARS = 60
MAX_TOKENS = 20  # of one reader
USE_NOTED_EVERY = timedelta(minutes=5)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def of_reader(self, reader: "User") -> "ApiTokenQuerySet":
        """Theirs, the newest first."""
        return self.filter(user=reader).order_by("-pk")

    def issue(self, reader: "User", name: str, scopes: list[str]) -> str:
        """Store a new one, and return the token itself, which nobody can read again."""
        token = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        self.create(user=reader, name=name, scopes=scopes, token_hash=hash_token(token))
        return token

    def find(self, token: str) -> "ApiToken | None":
        """With its reader, whose account is open; notes that it was used."""
        found = self.filter(token_hash=hash_token(token), user__is_active=True)
        row = found.select_related("user").first()
        if row:
            now = timezone.now()
            unnoted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
            self.filter(unnoted, pk=row.pk).update(last_used_at=now)
        return row


class ApiToken(models.Model):
    class Scope(models.TextChoices):
        READ = "read", "Read what you saved, upvoted and noted, and your lists"
        SAVE = "save", "Save papers"
        VOTE = "vote", "Upvote papers"
        LISTS = "lists", "Change your lists"
        NOTES = "notes", "Write notes"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=MAX_NAME_CHARS)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope))
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        return [self.Scope(scope).label for scope in self.scopes]


def hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()
