"""Why an order's papers could not be found for its subscriber's last digest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0007_fill_mailboxes")]
    operations = [
        migrations.AddField(
            model_name="subscription",
            name="problem",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="Why its papers could not be found for the last digest.",
                max_length=300,
            ),
            preserve_default=False,
        ),
    ]
