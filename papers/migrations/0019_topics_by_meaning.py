"""Topics by meaning, the model that finds them, and the papers that wait for it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("papers", "0018_search_words")]
    operations = [
        migrations.AlterField(
            "papertopic",
            "by",
            models.CharField(
                choices=[
                    ("rule", "rule"),
                    ("source", "source"),
                    ("meaning", "meaning"),
                    ("curator", "curator"),
                ],
                default="rule",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            "TopicJob",
            [
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="papers.paper",
                    ),
                )
            ],
            options={
                "verbose_name": "paper without topics",
                "verbose_name_plural": "papers without topics",
            },
        ),
        migrations.CreateModel(
            "TrainedTopicModel",
            [
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_training_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("papers", models.PositiveIntegerField(default=0)),
                ("rules", models.JSONField(blank=True, default=list)),
                ("precision", models.FloatField(blank=True, null=True)),
                ("recall", models.FloatField(blank=True, null=True)),
                (
                    "weights",
                    django.contrib.postgres.fields.ArrayField(
                        django.contrib.postgres.fields.ArrayField(models.FloatField()),
                        blank=True,
                        default=list,
                    ),
                ),
                (
                    "thresholds",
                    django.contrib.postgres.fields.ArrayField(
                        models.FloatField(), blank=True, default=list
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="one_trained_topic_model")
                ]
            },
        ),
    ]
