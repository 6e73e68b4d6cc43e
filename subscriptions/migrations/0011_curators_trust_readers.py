"""Curators may see what readers submitted, and trust readers with papers."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = [("papers", "view_submission"), ("accounts", "trust_user")]


def give_rights(apps, schema_editor):
    for label, _ in RIGHTS:
        # Django makes permissions only after the last migration, so here they may be missing.
        app = apps.get_app_config(label)
        app.models_module = getattr(app, "models_module", None) or True
        create_permissions(app, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for group in Group.objects.filter(name="Curator"):
        for label, codename in RIGHTS:
            right = Permission.objects.get(content_type__app_label=label, codename=codename)
            group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_trust_permission"),
        ("papers", "0017_submissions"),
        ("subscriptions", "0010_sections_of_delivery"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
