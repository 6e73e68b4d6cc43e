"""When an uncertain mail was given to the relay is kept too: a help text alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_roles")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="sent_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Of an uncertain one: when it was given to the relay.",
                null=True,
            ),
        ),
    ]
