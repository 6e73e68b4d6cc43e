"""What the papers of the site are like, and the examples that an interest was trained on."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interests", "0001_interests"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredBackground",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_training_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("papers", models.PositiveIntegerField(default=0)),
                ("mean", models.BinaryField(default=bytes)),
                ("precision", models.BinaryField(default=bytes)),
                ("word_papers", models.JSONField(default=dict)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveField(
            model_name="interest",
            name="papers",
        ),
        migrations.AddField(
            model_name="interest",
            name="example_vectors",
            field=models.BinaryField(default=bytes),
        ),
        migrations.AddField(
            model_name="interest",
            name="examples",
            field=models.JSONField(default=list),
        ),
    ]
