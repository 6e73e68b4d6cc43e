"""Papers that are on no page are searched by the day they were submitted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0011_marked_words")]
    operations = [
        migrations.AddIndex(
            "paper",
            models.Index(
                "submitted_at",
                condition=models.Q(("listed_on", None)),
                name="paper_on_no_page",
            ),
        )
    ]
