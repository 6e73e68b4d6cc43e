"""A person with an account: signs in by address, votes, and may curate."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.public_name import HANDLE_PATTERN, MAX_HANDLE_CHARS, MAX_NAME_CHARS, clean_handle

VISIT_ENDS_AFTER = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=5)
NETWORK_KEPT_FOR = timedelta(days=30)  # /about says so


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def networks(self) -> dict[int, str]:
        """The networks of new accounts, by primary key."""
        return dict(self.exclude(network_hash="").values_list("pk", "network_hash"))

    def forget_networks(self, now: datetime) -> int:
        """Of accounts that are no longer new; how many."""
        old = self.filter(date_joined__lt=now - NETWORK_KEPT_FOR).exclude(network_hash="")
        return old.update(network_hash="")

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField("mail address", unique=True)
    name = models.CharField("display name", max_length=MAX_NAME_CHARS, blank=True)
    handle = models.CharField(
        max_length=MAX_HANDLE_CHARS,
        unique=True,
        null=True,
        blank=True,
        help_text="The public short name, in lower case: unique, empty where none was chosen.",
    )
    is_active = models.BooleanField("may sign in", default=True)
    is_staff = models.BooleanField("may open the admin", default=False)
    is_trusted = models.BooleanField(
        "trusted with papers",
        default=False,
        db_default=False,
        help_text="Papers that they add go straight to today’s page, not to the queue.",
    )
    # Of the network that it was opened from: accounts/networks.py. Emptied after NETWORK_KEPT_FOR.
    network_hash = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False
    )
    # What strangers see of them, on their own page (/readers/HANDLE) and elsewhere.
    shows_submitted = models.BooleanField("submitted papers", default=True, db_default=True)
    shows_orcid = models.BooleanField("ORCID", default=False, db_default=False)
    shows_lists = models.BooleanField("public lists", default=False, db_default=False)
    shows_comments = models.BooleanField("comments", default=False, db_default=False)
    shows_upvotes = models.BooleanField("upvotes", default=False, db_default=False)
    date_joined = models.DateTimeField("joined", default=timezone.now)
    visited_at = models.DateTimeField("last visit", null=True, blank=True)
    previous_visit_at = models.DateTimeField("visit before that", null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        permissions = [("trust_user", "Can trust readers with papers")]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
            models.CheckConstraint(
                condition=models.Q(handle__regex=HANDLE_PATTERN), name="handle_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """For forms of the admin. Two accounts may be without a handle: NULL, not empty."""
        super().clean()
        try:
            self.handle = clean_handle(self.handle or "") or None
        except ValidationError as error:
            raise ValidationError({"handle": error}) from None

    @property
    def submitter_name(self) -> str:
        """Their name beside the papers they submit; empty where they do not show them."""
        return self.name if self.shows_submitted else ""

    def take_handle(self, handle: str) -> bool:
        """Store it, or none where it is empty; False where another account has it."""
        try:
            with transaction.atomic():
                User.objects.filter(pk=self.pk).update(handle=handle or None)
        except IntegrityError:
            return False
        self.handle = handle or None
        return True

    def visit(self, now: datetime) -> None:
        """Remember when they were here, and when before: what came since then is marked."""
        if self.visited_at and now - self.visited_at < NOTED_EVERY:
            return
        if self.visited_at and now - self.visited_at > VISIT_ENDS_AFTER:
            self.previous_visit_at = self.visited_at
        self.visited_at = now
        self.save(update_fields=["visited_at", "previous_visit_at"])
