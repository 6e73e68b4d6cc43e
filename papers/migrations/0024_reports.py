"""Reports of readers about papers, and the verbs of the log for what curators decide on them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0023_vote_rings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="curatoraction",
            name="verb",
            field=models.CharField(
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
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("wrong", "Something on this page is wrong"),
                            ("duplicate", "The paper is here twice"),
                            ("spam", "It is spam"),
                            ("not a paper", "It is not a paper"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("accepted", "accepted"),
                            ("dismissed", "dismissed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="papers.paper",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("reporter", "paper"),
                        name="one_open_report_each",
                    )
                ],
            },
        ),
    ]
