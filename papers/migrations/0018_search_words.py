"""Words of papers, for suggestions of other spellings; and when jobs like their count are due."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0017_submissions")]
    operations = [
        migrations.CreateModel(
            name="ScheduledRun",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField()),
            ],
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
    ]
