"""Interests of readers, the papers that count for and against each, and what all papers are like."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("interests", "0001_interests"),
        ("interests", "0002_backgrounds"),
    ]
    dependencies = [
        ("papers", "0003_papers_and_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Interest",
            fields=[
                ID,
                ("name", models.CharField(max_length=80)),
                (
                    "learns_from_saved",
                    models.BooleanField(default=False, verbose_name="papers that I save"),
                ),
                (
                    "learns_from_upvoted",
                    models.BooleanField(default=False, verbose_name="papers that I upvote"),
                ),
                (
                    "added_words",
                    ArrayField(models.CharField(max_length=60), blank=True, default=list),
                ),
                (
                    "removed_words",
                    ArrayField(models.CharField(max_length=60), blank=True, default=list),
                ),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("train_at", models.DateTimeField(blank=True, default=timezone.now, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("vector_weights", models.BinaryField(default=bytes)),
                ("word_weights", models.JSONField(default=dict)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="interests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("example_vectors", models.BinaryField(default=bytes)),
                ("examples", models.JSONField(default=list)),
            ],
            options={
                "indexes": [
                    models.Index(
                        "train_at", condition=Q(train_at__isnull=False), name="interests_to_train"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "name"), name="one_interest_of_a_name"
                    ),
                    models.CheckConstraint(condition=~Q(name=""), name="interest_has_a_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterestPaper",
            fields=[
                ID,
                ("against", models.BooleanField(default=False)),
                ("chosen_at", models.DateTimeField(default=timezone.now)),
                (
                    "interest",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="chosen_papers",
                        to="interests.Interest",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="interest_papers", to="papers.Paper"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("interest", "paper"), name="one_choice_per_interest_and_paper"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="StoredBackground",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_training_at", models.DateTimeField(default=timezone.now)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("papers", models.PositiveIntegerField(default=0)),
                ("mean", models.BinaryField(default=bytes)),
                ("precision", models.BinaryField(default=bytes)),
                ("word_papers", models.JSONField(default=dict)),
            ],
        ),
    ]
