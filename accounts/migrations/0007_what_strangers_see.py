"""Which things of a reader strangers see: one switch for each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_network_hash"),
    ]
    operations = [
        migrations.AddField(
            model_name="user",
            name="shows_comments",
            field=models.BooleanField(db_default=False, default=False, verbose_name="comments"),
        ),
        migrations.AddField(
            model_name="user",
            name="shows_lists",
            field=models.BooleanField(db_default=False, default=False, verbose_name="public lists"),
        ),
        migrations.AddField(
            model_name="user",
            name="shows_orcid",
            field=models.BooleanField(db_default=False, default=False, verbose_name="ORCID"),
        ),
        migrations.AddField(
            model_name="user",
            name="shows_submitted",
            field=models.BooleanField(
                db_default=True, default=True, verbose_name="submitted papers"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="shows_upvotes",
            field=models.BooleanField(db_default=False, default=False, verbose_name="upvotes"),
        ),
    ]
