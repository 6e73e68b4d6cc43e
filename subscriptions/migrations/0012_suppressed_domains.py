"""A whole domain may be suppressed, and who suppresses says why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0011_curators_trust_readers")]
    operations = [
        migrations.AlterField(
            model_name="suppression",
            name="address_hash",
            field=models.CharField(
                help_text="Keyed hash of the address, or of @ and the domain.",
                max_length=64,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="suppression",
            name="is_domain",
            field=models.BooleanField(default=False, editable=False, verbose_name="whole domain"),
        ),
        migrations.AddField(
            model_name="suppression",
            name="note",
            field=models.CharField(
                blank=True,
                help_text="In the words of who suppressed it.",
                max_length=200,
                verbose_name="why",
            ),
        ),
    ]
