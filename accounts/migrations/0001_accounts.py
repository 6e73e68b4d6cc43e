"""Accounts of readers, and private notes of curators about rows of any kind."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("accounts", "0001_users"),
        ("accounts", "0002_staff_label"),
        ("accounts", "0003_trusted"),
        ("accounts", "0004_handle"),
        ("accounts", "0005_trust_permission"),
        ("accounts", "0006_network_hash"),
        ("accounts", "0007_what_strangers_see"),
        ("accounts", "0008_curator_notes"),
        ("accounts", "0009_unread_notifications"),
    ]
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ID,
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, unique=True, verbose_name="mail address"),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="display name")),
                ("is_active", models.BooleanField(default=True, verbose_name="may sign in")),
                ("is_staff", models.BooleanField(default=False, verbose_name="may open the admin")),
                ("date_joined", models.DateTimeField(default=timezone.now, verbose_name="joined")),
                (
                    "visited_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="last visit"),
                ),
                (
                    "previous_visit_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="visit before that"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.Group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.Permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "is_trusted",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Papers that they add go straight to today’s page, not to the queue.",
                        verbose_name="trusted with papers",
                    ),
                ),
                (
                    "handle",
                    models.CharField(
                        blank=True,
                        help_text="The public short name, in lower case: unique, empty where none was chosen.",
                        max_length=30,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "network_hash",
                    models.CharField(
                        blank=True, db_default="", default="", editable=False, max_length=32
                    ),
                ),
                (
                    "shows_comments",
                    models.BooleanField(db_default=False, default=False, verbose_name="comments"),
                ),
                (
                    "shows_lists",
                    models.BooleanField(
                        db_default=False, default=False, verbose_name="public lists"
                    ),
                ),
                (
                    "shows_orcid",
                    models.BooleanField(db_default=False, default=False, verbose_name="ORCID"),
                ),
                (
                    "shows_submitted",
                    models.BooleanField(
                        db_default=True, default=True, verbose_name="submitted papers"
                    ),
                ),
                (
                    "shows_upvotes",
                    models.BooleanField(db_default=False, default=False, verbose_name="upvotes"),
                ),
                (
                    "unread_notifications",
                    models.PositiveIntegerField(db_default=0, default=0, editable=False),
                ),
            ],
            options={
                "permissions": [("trust_user", "Can trust readers with papers")],
                "constraints": [
                    models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
                    models.CheckConstraint(
                        condition=Q(handle__regex="^[a-z0-9]+(-[a-z0-9]+)*$"),
                        name="handle_is_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CuratorNote",
            fields=[
                ID,
                ("object_id", models.PositiveBigIntegerField()),
                ("text", models.TextField(max_length=2000, verbose_name="note")),
                ("created_at", models.DateTimeField(default=timezone.now, verbose_name="written")),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="curator_notes_written",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="+", to="contenttypes.ContentType"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["content_type", "object_id"], name="notes_of_a_row")
                ]
            },
        ),
    ]
