"""Of each digest the kinds of its sections, and how many papers each had no room for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0009_sent_mark")]
    operations = [
        migrations.AddField(
            model_name="delivery",
            name="sections",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                help_text="Of its digest: title, kind of subscription, papers left out of each.",
            ),
        ),
    ]
