from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_handle")]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"permissions": [("trust_user", "Can trust readers with papers")]},
        )
    ]
