"""How ids in feeds begin. A site with papers keeps the ids that its feeds have: addresses."""

from django.conf import settings
from django.db import migrations, models


def keep_addresses_as_ids(apps, schema_editor):
    if apps.get_model("papers", "Paper").objects.exists():
        apps.get_model("papers", "FeedIdPrefix").objects.create(pk=1, prefix=settings.SITE_URL)


class Migration(migrations.Migration):
    dependencies = [("papers", "0006_poll_note")]
    operations = [
        migrations.CreateModel(
            name="FeedIdPrefix",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(pk=1), name="only_one_feed_id_prefix")
                ],
            },
        ),
        migrations.RunPython(keep_addresses_as_ids, migrations.RunPython.noop),
    ]
