"""Drops the index of vectors: searches compare them all, and writing it made an import slow."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0011_backfill_of_all_feeds"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="paperembedding", name="paper_embedding"),
    ]
