"""Counts of searches that found nothing, by day and text."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0027_outcomes_in_notifications")]
    operations = [
        migrations.CreateModel(
            name="EmptySearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("text", models.CharField(max_length=100)),
                ("searches", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "text"), name="one_empty_search_a_day")
                ],
            },
        ),
    ]
