"""People with an account, who may curate, and the private notes of curators."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Value
from django.db.models.functions import Coalesce, JSONObject, Lower, NullIf, TruncDate
from django.utils import timezone

from accounts.public_name import HANDLE_PATTERN, MAX_HANDLE_CHARS, MAX_NAME_CHARS, clean_handle

VISIT_ENDS_AFTER = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=5)
NETWORK_KEPT_FOR = timedelta(days=30)  # /about says so
MAX_NOTE_CHARS = 2_000


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
    curator_notes = GenericRelation("accounts.CuratorNote")
    # Loaded with the user, as every page shows it. A trigger counts anew at each change.
    unread_notifications = models.PositiveIntegerField(default=0, db_default=0, editable=False)

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

    def lock(self) -> None:
        """Until the transaction ends, others that lock this user wait: limits are exact then."""
        User.objects.select_for_update(no_key=True).only("pk").get(pk=self.pk)

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


class CuratorNoteQuerySet(models.QuerySet["CuratorNote"]):
    def about_each(self, model: type[models.Model]) -> "CuratorNoteQuerySet":
        """For a subquery in a query of `model`: those about the row."""
        meta = model._meta
        return self.filter(
            content_type__app_label=meta.app_label,
            content_type__model=meta.model_name,
            object_id=OuterRef("pk"),
        )

    def as_json(self) -> "models.QuerySet[CuratorNote, dict[str, str]]":
        """`{"text": …, "by": …, "day": "2026-11-29"}` of each, the newest first."""
        by = Coalesce(NullIf("author__name", Value("")), "author__email", Value("a former curator"))
        note = JSONObject(text="text", by=by, day=TruncDate("created_at"))
        return self.order_by("-pk").values_list(note, flat=True)


class CuratorNote(models.Model):
    """What curators tell each other about a paper, a source, an account or a subscriber.

    Private: shown in the admin alone, to those who may see what the note is about. It ends with
    that row, and moves along when a paper is merged.
    """

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    about = GenericForeignKey()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="curator_notes_written"
    )
    text = models.TextField("note", max_length=MAX_NOTE_CHARS)
    created_at = models.DateTimeField("written", default=timezone.now)

    objects = CuratorNoteQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["content_type", "object_id"], name="notes_of_a_row")]

    def __str__(self) -> str:
        return f"Note of {self.created_at:%Y-%m-%d}"
