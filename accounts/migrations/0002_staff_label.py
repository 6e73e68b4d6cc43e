from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_users")]
    operations = [
        migrations.AlterField(
            model_name="user",
            name="is_staff",
            field=models.BooleanField(default=False, verbose_name="may open the admin"),
        ),
    ]
