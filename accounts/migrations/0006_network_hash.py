"""From which network an account was opened, as a keyed hash, for its first thirty days."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_trust_permission")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="network_hash",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=32
            ),
        )
    ]
