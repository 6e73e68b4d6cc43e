"""What curators did, and a version of each paper that only their actions raise."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

VERBS = [
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
]
SUBJECTS = [("paper", "paper"), ("topic", "topic"), ("vote", "vote"), ("source", "source")]


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0013_admin_labels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="paper",
            name="curation_version",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="paper",
            name="position",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Its place on the day’s page: 3 is the third.", null=True
            ),
        ),
        migrations.CreateModel(
            name="CuratorAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("batch", models.UUIDField(db_index=True, default=uuid.uuid4)),
                (
                    "curator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="curator_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("verb", models.CharField(choices=VERBS, max_length=20)),
                ("about", models.CharField(choices=SUBJECTS, default="paper", max_length=10)),
                ("about_key", models.CharField(max_length=500)),
                ("about_name", models.TextField(blank=True)),
                (
                    "paper",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="curator_actions",
                        to="papers.paper",
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
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(F("curator"), F("id").desc(), name="actions_of_curator"),
                    models.Index(
                        F("id").desc(), condition=Q(is_public=True), name="public_actions"
                    ),
                ]
            },
        ),
    ]
