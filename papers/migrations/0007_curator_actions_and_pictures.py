"""The log of what curators did, and pictures of papers."""

import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    replaces = [
        ("papers", "0009_pictures"),
        ("papers", "0014_curator_actions"),
    ]
    dependencies = [
        ("papers", "0006_submissions_and_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="CuratorAction",
            fields=[
                ID,
                ("batch", models.UUIDField(db_index=True, default=uuid.uuid4)),
                (
                    "curator",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="curator_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("list", "listed"),
                            ("schedule", "scheduled"),
                            ("queue", "put into the queue"),
                            ("pick", "made an editors’ pick"),
                            ("unpick", "no longer an editors’ pick"),
                            ("order", "moved"),
                            ("topics", "changed the topics of"),
                            ("hide", "hidden"),
                            ("show", "shown again"),
                            ("merge", "merged"),
                            ("add", "added"),
                            ("change", "changed"),
                            ("remove", "removed"),
                            ("void", "voided"),
                            ("accept", "accepted a report on"),
                            ("dismiss", "dismissed a report on"),
                            ("disable", "switched off"),
                            ("enable", "switched on again"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("paper", "paper"),
                            ("topic", "topic"),
                            ("vote", "vote"),
                            ("source", "source"),
                        ],
                        default="paper",
                        max_length=10,
                    ),
                ),
                ("about_key", models.CharField(max_length=500)),
                ("about_name", models.TextField(blank=True)),
                (
                    "paper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="curator_actions",
                        to="papers.Paper",
                    ),
                ),
                ("details", models.CharField(blank=True, max_length=500)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("is_public", models.BooleanField(default=True, verbose_name="public")),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index("curator", F("id").desc(), name="actions_of_curator"),
                    models.Index(
                        F("id").desc(), condition=Q(is_public=True), name="public_actions"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="papers.Paper",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "to be looked for"),
                            ("stored", "stored"),
                            ("none", "none found"),
                            ("removed", "removed by a curator"),
                            ("dropped", "dropped, as space is limited"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("arxiv", "the paper on arXiv"),
                            ("source", "the source of the paper"),
                            ("curator", "a curator"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "source_url",
                    models.URLField(
                        blank=True, max_length=1000, verbose_name="address of the original"
                    ),
                ),
                ("caption", models.TextField(blank=True)),
                ("digest", models.CharField(max_length=32, null=True, unique=True)),
                ("width", models.PositiveSmallIntegerField(default=0)),
                ("height", models.PositiveSmallIntegerField(default=0)),
                ("stored_bytes", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(default=timezone.now)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state"], name="picture_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(digest__isnull=False, state="stored")
                        | (~Q(state="stored") & Q(digest=None)),
                        name="stored_pictures_have_files",
                    )
                ],
            },
        ),
    ]
