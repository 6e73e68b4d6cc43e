"""Interests of readers, with the papers that count for and against each."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("papers", "0025_one_index_of_vectors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Interest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "removed_words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "train_at",
                    models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("vector_weights", models.BinaryField(default=bytes)),
                ("word_weights", models.JSONField(default=dict)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                (
                    "papers",
                    models.PositiveIntegerField(default=0, verbose_name="papers it learned from"),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="InterestPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("against", models.BooleanField(default=False)),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "interest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chosen_papers",
                        to="interests.interest",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interest_papers",
                        to="papers.paper",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="interest",
            index=models.Index(
                models.F("train_at"),
                condition=models.Q(("train_at__isnull", False)),
                name="interests_to_train",
            ),
        ),
        migrations.AddConstraint(
            model_name="interest",
            constraint=models.UniqueConstraint(
                fields=("reader", "name"), name="one_interest_of_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="interest",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="interest_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="interestpaper",
            constraint=models.UniqueConstraint(
                fields=("interest", "paper"), name="one_choice_per_interest_and_paper"
            ),
        ),
    ]
