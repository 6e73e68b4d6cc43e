"""What waits to be embedded is found without reading the rest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0012_papers_on_no_page")]
    operations = [
        migrations.AddIndex(
            "papersearch",
            models.Index(
                "paper",
                condition=models.Q(("dead_at", None), ("embedding", None)),
                name="paper_without_meaning",
            ),
        )
    ]
