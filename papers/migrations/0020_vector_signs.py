"""The signs of each vector: among many, they tell which are worth comparing."""

from django.db import migrations, models
from pgvector.django import BitField

SIGNS = """
ALTER TABLE papers_paperembedding
  ADD COLUMN signs bit varying GENERATED ALWAYS AS (binary_quantize(vector)) STORED
"""


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0019_topics_by_meaning"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(SIGNS, "ALTER TABLE papers_paperembedding DROP COLUMN signs")],
            [
                migrations.AddField(
                    "paperembedding",
                    "signs",
                    models.GeneratedField(
                        expression=models.Func("vector", function="binary_quantize"),
                        output_field=BitField(),
                        db_persist=True,
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint("paperembedding", "one_embedding_per_paper_and_model"),
        migrations.AddConstraint(
            "paperembedding",
            models.UniqueConstraint(
                fields=["paper", "model"],
                include=["signs"],
                name="one_embedding_per_paper_and_model",
            ),
        ),
    ]
