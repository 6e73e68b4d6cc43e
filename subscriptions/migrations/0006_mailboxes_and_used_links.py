import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0005_sent_at_of_uncertain")]
    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="mailbox",
            field=models.CharField(default="", editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="used_links",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(),
                default=list,
                editable=False,
                help_text="When that was requested which a confirmation link has confirmed.",
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="subscriber",
            index=models.Index("mailbox", name="subscribers_by_mailbox"),
        ),
    ]
