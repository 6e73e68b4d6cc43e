"""What readers submit, the records that are looked up for them, and what readers report."""

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
        ("papers", "0017_submissions"),
        ("papers", "0024_reports"),
        ("papers", "0027_outcomes_in_notifications"),
    ]
    dependencies = [
        ("papers", "0005_votes_and_trained_models"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="RecordLookup",
            fields=[
                ID,
                ("scheme", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "to be looked up"),
                            ("found", "found"),
                            ("missing", "no archive has a record"),
                            ("failed", "the archive did not answer"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("record", models.JSONField(default=dict)),
                ("archive", models.CharField(blank=True, max_length=40)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("requested_at", models.DateTimeField(default=timezone.now)),
                ("next_try_at", models.DateTimeField(default=timezone.now)),
                ("lease_until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("scheme", "value"), name="one_lookup_per_id")
                ]
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ID,
                ("title", models.TextField()),
                ("why", models.CharField(blank=True, max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("listed", "listed"),
                            ("refused", "refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="reason of the refusal"
                    ),
                ),
                ("submitted_at", models.DateTimeField(default=timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "mail_wanted",
                    models.BooleanField(
                        default=False, verbose_name="wants an email about the outcome"
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="submissions",
                        to="papers.Paper",
                    ),
                ),
                (
                    "submitter",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="submissions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index("submitter", F("id").desc(), name="submissions_of_reader"),
                    models.Index("decided_at", name="submissions_decided"),
                ]
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ID,
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
                ("created_at", models.DateTimeField(default=timezone.now, verbose_name="when")),
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
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="reports", to="papers.Paper"
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(state="open"),
                        fields=("reporter", "paper"),
                        name="one_open_report_each",
                    )
                ]
            },
        ),
    ]
