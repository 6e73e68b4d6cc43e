from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_trusted")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="handle",
            field=models.CharField(
                blank=True,
                help_text="The public short name, in lower case: unique, empty where none was chosen.",
                max_length=30,
                null=True,
                unique=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("handle__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")),
                name="handle_is_lower_case",
            ),
        ),
    ]
