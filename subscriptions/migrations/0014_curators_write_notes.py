"""All three roles may read, write and delete private notes about the rows that they see."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Django makes permissions only after the last migration, so here they may be missing.
    app = apps.get_app_config("accounts")
    app.models_module = getattr(app, "models_module", None) or True
    create_permissions(app, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    names = [f"{action}_curatornote" for action in ("view", "add", "delete")]
    rights = Permission.objects.filter(content_type__app_label="accounts", codename__in=names)
    for group in Group.objects.filter(name__in=["Curator", "Mail editor", "Operator"]):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_curator_notes"),
        ("subscriptions", "0013_curators_decide_reports"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
