"""Readers whose papers go straight to today's page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_staff_label"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_trusted",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Papers that they add go straight to today’s page, not to the queue.",
                verbose_name="trusted with papers",
            ),
        ),
    ]
