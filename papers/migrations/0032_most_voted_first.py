from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    """In the order `upvotes`: without it a million papers were sorted anew for sixty."""

    atomic = False
    dependencies = [("papers", "0031_meaning_apart")]
    operations = [
        AddIndexConcurrently(
            "paper",
            models.Index(
                F("upvotes").desc(), F("hotness").desc(nulls_last=True), name="paper_most_voted"
            ),
        )
    ]
