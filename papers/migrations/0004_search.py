"""What a search finds papers by: their words, and their vectors with the models that make them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.models import Func, Q
from django.utils import timezone
from pgvector.django import BitField, HalfVectorField

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)

# The signs of each vector: among many, they tell which are worth comparing. By hand, as the column
# of a BitField has a fixed length, and vectors of two models may differ in theirs.
SIGNS = """
ALTER TABLE papers_paperembedding
  ADD COLUMN signs bit varying GENERATED ALWAYS AS (binary_quantize(vector)) STORED
"""


class Migration(migrations.Migration):
    replaces = [
        ("papers", "0004_votes_and_search"),
        ("papers", "0012_no_vector_index"),
        ("papers", "0016_learned_word_table"),
        ("papers", "0018_search_words"),
        ("papers", "0020_vector_signs"),
        ("papers", "0025_one_index_of_vectors"),
    ]
    dependencies = [("papers", "0003_papers_and_ids")]
    operations = [
        migrations.CreateModel(
            name="PaperSearch",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="found_by",
                        serialize=False,
                        to="papers.Paper",
                    ),
                ),
                ("title", models.TextField()),
                ("authors", ArrayField(models.TextField(), default=list)),
                ("abstract", models.TextField(blank=True)),
                ("author_names", ArrayField(models.TextField(), default=list)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Func(
                            "title", "authors", "abstract", function="paper_marked_words"
                        ),
                        output_field=SearchVectorField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "indexes": [
                    GinIndex("search", name="paper_words"),
                    GinIndex("author_names", name="paper_authors"),
                    HashIndex(Func("title", function="paper_fold"), name="paper_title"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("papers", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    GinIndex(fields=["word"], name="similar_words", opclasses=["gin_trgm_ops"])
                ]
            },
        ),
        migrations.CreateModel(
            name="EmptySearch",
            fields=[
                ID,
                ("day", models.DateField()),
                ("text", models.CharField(max_length=100)),
                ("searches", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "text"), name="one_empty_search_a_day")
                ]
            },
        ),
        migrations.CreateModel(
            name="EmbeddingModel",
            fields=[
                ID,
                ("version", models.CharField(max_length=100, unique=True)),
                ("serving", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(serving=True),
                        fields=("serving",),
                        name="one_serving_embedding_model",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="PaperEmbedding",
            fields=[
                ID,
                (
                    "paper",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.CASCADE,
                        related_name="embeddings",
                        to="papers.Paper",
                    ),
                ),
                ("model", models.ForeignKey(on_delete=models.CASCADE, to="papers.EmbeddingModel")),
                ("vector", HalfVectorField()),
            ],
            options={"verbose_name": "embedding"},
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(SIGNS, "ALTER TABLE papers_paperembedding DROP COLUMN signs")],
            [
                migrations.AddField(
                    model_name="paperembedding",
                    name="signs",
                    field=models.GeneratedField(
                        db_persist=True,
                        expression=Func("vector", function="binary_quantize"),
                        output_field=BitField(),
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="paperembedding",
            constraint=models.UniqueConstraint(
                fields=["paper", "model"],
                include=["signs"],
                name="one_embedding_per_paper_and_model",
            ),
        ),
        migrations.CreateModel(
            name="EmbeddingJob",
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
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("dead_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"verbose_name": "paper to index", "verbose_name_plural": "search index"},
        ),
        migrations.CreateModel(
            name="LearnedTable",
            fields=[
                ID,
                ("version", models.CharField(max_length=100, unique=True)),
                ("shipped_version", models.CharField(max_length=100)),
                ("words", models.TextField()),
                ("rows", models.BinaryField()),
                ("scales", models.BinaryField()),
                ("unknown_norm", models.FloatField()),
                ("created_at", models.DateTimeField(default=timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="WordTraining",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="tries since the last that ended"
                    ),
                ),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                (
                    "papers",
                    models.PositiveIntegerField(
                        default=0, verbose_name="papers of the site at that time"
                    ),
                ),
                ("shipped_version", models.CharField(blank=True, max_length=100)),
                ("questions", models.PositiveIntegerField(default=0)),
                ("found_before", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=Q(pk=1), name="one_word_training")]
            },
        ),
        migrations.CreateModel(
            name="ScheduledRun",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField()),
            ],
        ),
    ]
