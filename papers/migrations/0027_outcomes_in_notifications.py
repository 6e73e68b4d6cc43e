"""What became of a submission is mailed by the app of notifications.

An outcome that was mailed before must not be mailed again: nobody waits for it any more.
"""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0026_comment_count"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE papers_submission SET mail_wanted = FALSE WHERE outcome_mailed_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(
            model_name="submission",
            name="submissions_to_mail",
        ),
        migrations.RemoveField(
            model_name="submission",
            name="outcome_mailed_at",
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(models.F("decided_at"), name="submissions_decided"),
        ),
    ]
