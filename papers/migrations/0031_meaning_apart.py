"""Vectors leave the wide rows of words: a table of them alone is read whole in a tenth of the time.

Nor does a vector that is kept write the index of words again.
"""

import django.db.models.deletion
import pgvector.django
from django.db import migrations, models
from django.db.models import Q

MOVE = """
INSERT INTO papers_papermeaning (paper_id, embedding, attempts, dead_at)
SELECT paper_id, embedding, attempts, dead_at FROM papers_papersearch ORDER BY paper_id;
SET CONSTRAINTS ALL IMMEDIATE; -- or no index could follow in this transaction
"""
BACK = """
UPDATE papers_papersearch AS found_by
   SET embedding = meaning.embedding, attempts = meaning.attempts, dead_at = meaning.dead_at
  FROM papers_papermeaning AS meaning WHERE meaning.paper_id = found_by.paper_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("papers", "0030_changes")]
    operations = [
        migrations.CreateModel(
            name="PaperMeaning",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="meaning",
                        serialize=False,
                        to="papers.paper",
                    ),
                ),
                (
                    "embedding",
                    pgvector.django.HalfVectorField(blank=True, dimensions=256, null=True),
                ),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("dead_at", models.DateTimeField(null=True)),
            ],
            options={"verbose_name": "meaning"},
        ),
        migrations.RunSQL(MOVE, BACK),
        migrations.RemoveIndex("papersearch", "paper_without_meaning"),
        migrations.RemoveIndex("papersearch", "paper_meaning"),
        migrations.RemoveField("papersearch", "embedding"),
        migrations.RemoveField("papersearch", "lease_until"),
        migrations.RemoveField("papersearch", "attempts"),
        migrations.RemoveField("papersearch", "dead_at"),
        migrations.AddIndex(
            "papermeaning",
            models.Index(
                "paper", condition=Q(embedding=None, dead_at=None), name="paper_without_meaning"
            ),
        ),
        migrations.AddIndex(
            "papermeaning",
            pgvector.django.HnswIndex(
                name="paper_meaning",
                fields=["embedding"],
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
        ),
    ]
