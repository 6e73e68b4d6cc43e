"""Drops the index of vectors by paper: that of the constraint begins with the paper, too."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0024_reports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="paperembedding",
            name="paper",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="embeddings",
                to="papers.paper",
            ),
        ),
    ]
