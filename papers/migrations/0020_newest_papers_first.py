from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    """In the order in which lists and feeds ask: without it the newest of all were sorted anew."""

    atomic = False
    dependencies = [("papers", "0013_papers_without_meaning")]
    operations = [
        AddIndexConcurrently(
            "paper",
            models.Index(
                F("listed_on").desc(nulls_last=True),
                F("hotness").desc(nulls_last=True),
                name="paper_newest_hottest",
            ),
        ),
        RemoveIndexConcurrently("paper", "paper_on_a_day"),
    ]
