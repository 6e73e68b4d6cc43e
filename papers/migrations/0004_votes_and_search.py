"""Votes for papers, and what a search finds papers by: their words and their embedding."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.utils import timezone
from pgvector.django import HalfVectorField, HnswIndex

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("papers", "0003_papers"),
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
                        "counts_from", condition=models.Q(ranked=False), name="upvotes_of_newcomers"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "paper"), name="one_upvote_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperSearch",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="found_by",
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
                        expression=models.Func(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="EmbeddingModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=100, unique=True)),
                ("serving", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(serving=True),
                        fields=("serving",),
                        name="one_serving_embedding_model",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperEmbedding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="embeddings", to="papers.Paper"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(on_delete=models.CASCADE, to="papers.EmbeddingModel"),
                ),
                ("vector", HalfVectorField(dimensions=256)),
            ],
            options={
                "verbose_name": "embedding",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("paper", "model"), name="one_embedding_per_paper_and_model"
                    )
                ],
                "indexes": [
                    HnswIndex(
                        ef_construction=64,
                        fields=["vector"],
                        m=16,
                        name="paper_embedding",
                        opclasses=["halfvec_cosine_ops"],
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmbeddingJob",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                        to="papers.Paper",
                    ),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("dead_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
