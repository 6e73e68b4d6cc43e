"""An author may show a picture of one of their papers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0028_empty_searches"),
        ("profiles", "0002_curators_decide_claims"),
    ]
    operations = [
        migrations.AddField(
            model_name="claim",
            name="picture_paper",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="claims",
                to="papers.paper",
                verbose_name="paper whose picture is shown",
            ),
        ),
    ]
