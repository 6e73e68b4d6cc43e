"""Papers with their hotness, the ids they are known by, and their topics."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Func, Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    replaces = [
        ("papers", "0003_papers"),
        ("papers", "0007_feed_id_prefix"),
        ("papers", "0010_expected_votes"),
        ("papers", "0013_admin_labels"),
        ("papers", "0026_comment_count"),
    ]
    dependencies = [
        ("papers", "0002_topics_and_their_sources"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Paper",
            fields=[
                ID,
                ("key", models.CharField(editable=False, max_length=40, unique=True)),
                ("title", models.TextField()),
                ("abstract", models.TextField(blank=True)),
                ("title_text", models.TextField(editable=False)),
                ("abstract_text", models.TextField(blank=True, editable=False)),
                ("authors", ArrayField(models.TextField(), blank=True, default=list)),
                ("primary_category", models.CharField(blank=True, max_length=40)),
                (
                    "categories",
                    ArrayField(models.CharField(max_length=40), blank=True, default=list),
                ),
                ("version", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("updated_at", models.DateTimeField(blank=True, null=True)),
                ("announced_on", models.DateField(blank=True, null=True)),
                (
                    "listed_on",
                    models.DateField(
                        blank=True,
                        help_text="The day whose page shows it; empty while in the queue.",
                        null=True,
                    ),
                ),
                ("listed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "listing_wanted",
                    models.BooleanField(
                        default=False,
                        help_text="Waits for a curator to list it.",
                        verbose_name="in the queue",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Its place on the day’s page: 3 is the third.",
                        null=True,
                    ),
                ),
                ("featured", models.BooleanField(default=False, verbose_name="pick")),
                ("hidden_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("hidden_why", models.CharField(blank=True, max_length=200)),
                ("withdrawn", models.BooleanField(default=False)),
                (
                    "is_sample",
                    models.BooleanField(default=False, editable=False, verbose_name="sample"),
                ),
                ("abstract_url", models.URLField(blank=True, max_length=1000)),
                ("pdf_url", models.URLField(blank=True, max_length=1000)),
                ("code_url", models.URLField(blank=True, max_length=1000)),
                ("project_url", models.URLField(blank=True, max_length=1000)),
                ("doi", models.CharField(blank=True, max_length=300, verbose_name="DOI")),
                ("journal_ref", models.TextField(blank=True, verbose_name="journal")),
                ("submitter_name", models.CharField(blank=True, max_length=200)),
                ("extra", models.JSONField(blank=True, default=dict)),
                ("votes", models.PositiveIntegerField(default=0, editable=False)),
                ("ranked_votes", models.PositiveIntegerField(default=0, editable=False)),
                ("votes_brought", models.PositiveIntegerField(default=0)),
                (
                    "upvotes",
                    models.GeneratedField(
                        db_persist=True,
                        expression=F("votes") + F("votes_brought"),
                        output_field=models.IntegerField(),
                    ),
                ),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
                (
                    "submitter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="submitted",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="papers",
                        to="papers.Source",
                    ),
                ),
                ("expected_votes", models.FloatField(default=0, editable=False)),
                ("expected_parts", models.JSONField(default=dict, editable=False)),
                (
                    "hotness",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Func(
                            F("ranked_votes") + F("votes_brought") + F("expected_votes"),
                            "listed_on",
                            function="papers_hotness",
                        ),
                        output_field=models.FloatField(null=True),
                    ),
                ),
                (
                    "curation_version",
                    models.PositiveIntegerField(db_default=0, default=0, editable=False),
                ),
                (
                    "described_by_reader",
                    models.BooleanField(db_default=False, default=False, editable=False),
                ),
                (
                    "comment_count",
                    models.PositiveIntegerField(db_default=0, default=0, editable=False),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        "submitted_at", condition=Q(listed_on=None), name="paper_on_no_page"
                    ),
                    models.Index(
                        F("listed_on").desc(nulls_last=True),
                        F("hotness").desc(nulls_last=True),
                        name="paper_newest_hottest",
                    ),
                    models.Index(
                        F("hotness").desc(nulls_last=True), F("key").desc(), name="paper_hottest"
                    ),
                    models.Index(
                        F("upvotes").desc(),
                        F("hotness").desc(nulls_last=True),
                        name="paper_most_voted",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(ranked_votes__lte=F("votes")), name="ranked_votes_are_votes"
                    ),
                    models.CheckConstraint(condition=~Q(key=""), name="paper_has_a_key"),
                    models.CheckConstraint(condition=~Q(title=""), name="paper_has_a_title"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alias",
            fields=[
                ID,
                ("scheme", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=500)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="aliases", to="papers.Paper"
                    ),
                ),
            ],
            options={
                "verbose_name": "other id",
                "constraints": [
                    models.UniqueConstraint(fields=("scheme", "value"), name="one_paper_per_alias")
                ],
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ID,
                ("scheme", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=500)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "blocked paper",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scheme", "value"), name="one_tombstone_per_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperTopic",
            fields=[
                ID,
                (
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
                ("against", models.BooleanField(default=False, verbose_name="not this topic")),
                ("paper", models.ForeignKey(on_delete=models.CASCADE, to="papers.Paper")),
                ("topic", models.ForeignKey(on_delete=models.CASCADE, to="papers.Topic")),
            ],
            options={
                "indexes": [models.Index("topic", "paper", name="papers_of_topic")],
                "constraints": [
                    models.UniqueConstraint(fields=("paper", "topic"), name="one_word_on_a_topic")
                ],
            },
        ),
        migrations.AddField(
            model_name="paper",
            name="topics",
            field=models.ManyToManyField(
                related_name="papers", through="papers.PaperTopic", to="papers.Topic"
            ),
        ),
        migrations.CreateModel(
            name="FeedIdPrefix",
            fields=[
                ID,
                ("prefix", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="only_one_feed_id_prefix")
                ]
            },
        ),
    ]
