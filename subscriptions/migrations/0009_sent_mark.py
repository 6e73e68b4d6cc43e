"""The moment until which everything counts as sent, set after a restore."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0008_problem_of_subscription")]
    operations = [
        migrations.CreateModel(
            name="SentMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
