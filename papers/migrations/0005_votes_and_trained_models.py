"""Votes, rings of accounts that vote together, and the models trained on votes and on topics."""

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
    replaces = [
        ("papers", "0019_topics_by_meaning"),
        ("papers", "0023_vote_rings"),
    ]
    dependencies = [
        ("papers", "0004_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Upvote",
            fields=[
                ID,
                ("created_at", models.DateTimeField(default=timezone.now, verbose_name="when")),
                (
                    "counts_from",
                    models.DateTimeField(
                        default=timezone.now, verbose_name="counts in ranking from"
                    ),
                ),
                ("ranked", models.BooleanField(default=True, verbose_name="counts in ranking")),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("voided_why", models.CharField(blank=True, max_length=200)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="upvote_set", to="papers.Paper"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="upvotes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        "counts_from", condition=Q(ranked=False), name="upvotes_of_newcomers"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "paper"), name="one_upvote_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="VoteRing",
            fields=[
                ID,
                ("papers", ArrayField(models.TextField(), default=list)),
                ("common", models.FloatField(verbose_name="papers in common")),
                ("expected", models.FloatField(verbose_name="by chance")),
                (
                    "in_network",
                    models.BooleanField(default=False, verbose_name="new accounts of one network"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be decided"),
                            ("accepted", "votes voided"),
                            ("dismissed", "no ring"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("found_at", models.DateTimeField(default=timezone.now, verbose_name="found")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("batch", models.UUIDField(null=True)),
                ("accounts", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TrainedVoteModel",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_training_at", models.DateTimeField(default=timezone.now)),
                ("voted_papers", models.PositiveIntegerField(default=0)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("papers", models.PositiveIntegerField(default=0)),
                ("accuracy", models.FloatField(blank=True, null=True)),
                ("means", ArrayField(models.FloatField(), blank=True, default=list)),
                ("weights", ArrayField(models.FloatField(), blank=True, default=list)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="one_trained_vote_model")
                ]
            },
        ),
        migrations.CreateModel(
            name="TopicJob",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="papers.Paper",
                    ),
                ),
            ],
            options={
                "verbose_name": "paper without topics",
                "verbose_name_plural": "papers without topics",
            },
        ),
        migrations.CreateModel(
            name="TrainedTopicModel",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_training_at", models.DateTimeField(default=timezone.now)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("papers", models.PositiveIntegerField(default=0)),
                ("rules", models.JSONField(blank=True, default=list)),
                ("precision", models.FloatField(blank=True, null=True)),
                ("recall", models.FloatField(blank=True, null=True)),
                ("weights", ArrayField(ArrayField(models.FloatField()), blank=True, default=list)),
                ("thresholds", ArrayField(models.FloatField(), blank=True, default=list)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="one_trained_topic_model")
                ]
            },
        ),
    ]
