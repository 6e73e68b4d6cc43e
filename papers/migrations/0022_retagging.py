"""How far the papers of a topic are tagged again after its rule was changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0021_open_log")]
    operations = [
        migrations.CreateModel(
            name="Retagging",
            fields=[
                (
                    "topic",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="papers.topic",
                    ),
                ),
                ("next_paper", models.BigIntegerField(editable=False, null=True)),
                (
                    "done",
                    models.PositiveIntegerField(default=0, verbose_name="papers tagged again"),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="papers in all")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
