"""Names three models in the admin as a curator would."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0012_no_vector_index"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="alias",
            options={"verbose_name": "other id"},
        ),
        migrations.AlterModelOptions(
            name="embeddingjob",
            options={"verbose_name": "paper to index", "verbose_name_plural": "search index"},
        ),
        migrations.AlterModelOptions(
            name="tombstone",
            options={"verbose_name": "blocked paper"},
        ),
    ]
