"""Backfills of all arXiv feeds, and when one that failed is tried again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0010_expected_votes"),
    ]

    operations = [
        migrations.AddField(
            model_name="backfill",
            name="next_try_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="backfill",
            name="source",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: all arXiv feeds, for papers announced in these days.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="backfills",
                to="papers.source",
            ),
        ),
    ]
