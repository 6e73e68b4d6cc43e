"""Topics, sources, and what is known of polling them."""

from django.contrib.postgres.fields import ArrayField
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
        ("papers", "0002_sources_and_topics"),
        ("papers", "0006_poll_note"),
        ("papers", "0008_json_feeds"),
        ("papers", "0011_backfill_of_all_feeds"),
        ("papers", "0022_retagging"),
    ]
    dependencies = [("papers", "0001_functions")]
    operations = [
        migrations.CreateModel(
            name="Topic",
            fields=[
                ID,
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(blank=True, max_length=300)),
                (
                    "categories",
                    ArrayField(
                        models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="Categories such as cs.CL, with commas between; cs.* is all of an archive.",
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True,
                        help_text='A search over titles and abstracts: "quantum error"',
                        max_length=300,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("vote_share", models.FloatField(default=1, editable=False)),
            ],
            options={"ordering": ["position", "name"]},
        ),
        migrations.CreateModel(
            name="Retagging",
            fields=[
                (
                    "topic",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="papers.Topic",
                    ),
                ),
                ("next_paper", models.BigIntegerField(editable=False, null=True)),
                (
                    "done",
                    models.PositiveIntegerField(default=0, verbose_name="papers tagged again"),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="papers in all")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ID,
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("arxiv", "arXiv, its feeds or its API"),
                            ("feed", "any RSS, Atom or JSON feed"),
                            ("daily-papers", "daily-papers JSON"),
                        ],
                        default="arxiv",
                        max_length=20,
                    ),
                ),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                (
                    "query",
                    models.CharField(
                        blank=True, help_text="Asks arXiv's API instead: cat:cs.CL", max_length=500
                    ),
                ),
                (
                    "listing",
                    models.CharField(
                        choices=[
                            ("day", "straight to the day's page"),
                            ("queue", "to the queue, for a curator"),
                        ],
                        default="day",
                        max_length=10,
                    ),
                ),
                ("etag", models.CharField(blank=True, editable=False, max_length=500)),
                ("last_modified", models.CharField(blank=True, editable=False, max_length=200)),
                ("next_poll_at", models.DateTimeField(db_index=True, default=timezone.now)),
                ("lease_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "failures",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="failures in a row"
                    ),
                ),
                ("last_error", models.TextField(blank=True, editable=False)),
                (
                    "last_success_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="last success"
                    ),
                ),
                (
                    "newest_entry_on",
                    models.DateField(
                        editable=False,
                        help_text="A day of its own calendar.",
                        null=True,
                        verbose_name="newest papers of",
                    ),
                ),
                ("gone_since", models.DateTimeField(editable=False, null=True)),
                ("moved_to", models.CharField(blank=True, editable=False, max_length=2000)),
                ("moved_times", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("moved_since", models.DateTimeField(editable=False, null=True)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_why", models.CharField(blank=True, max_length=200)),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Every paper gets these.",
                        related_name="sources",
                        to="papers.Topic",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("url", "query"), name="one_source_per_address")
                ],
            },
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                ID,
                ("started_at", models.DateTimeField(default=timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="HTTP status")),
                ("bytes", models.PositiveIntegerField(default=0)),
                ("entries", models.PositiveIntegerField(default=0)),
                ("new", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("rejected", models.PositiveIntegerField(default=0)),
                ("newest_on", models.DateField(null=True, verbose_name="papers of")),
                ("error", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="polls", to="papers.Source"
                    ),
                ),
                (
                    "note",
                    models.TextField(blank=True, help_text="What was left out, and is no error."),
                ),
            ],
            options={
                "ordering": ["-started_at"],
                "indexes": [models.Index(fields=["source", "-started_at"], name="poll_of_source")],
            },
        ),
        migrations.CreateModel(
            name="Backfill",
            fields=[
                ID,
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("done_through", models.DateField(blank=True, null=True)),
                ("new", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="tries since the last day done"
                    ),
                ),
                ("last_error", models.TextField(blank=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: all arXiv feeds, for papers announced in these days.",
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="backfills",
                        to="papers.Source",
                    ),
                ),
                ("next_try_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "since", "until"), name="one_backfill_per_period"
                    ),
                    models.CheckConstraint(
                        condition=Q(since__lte=F("until")), name="backfill_runs_forward"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                ID,
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=Q(pk=1), name="only_one_turn")]
            },
        ),
    ]
