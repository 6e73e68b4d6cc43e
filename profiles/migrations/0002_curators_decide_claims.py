"""Curators may see and decide who is which author."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Django makes permissions only after the last migration, so here they may be missing.
    app = apps.get_app_config("profiles")
    app.models_module = getattr(app, "models_module", None) or True
    create_permissions(app, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    rights = Permission.objects.filter(
        content_type__app_label="profiles", codename__in=["view_claim", "change_claim"]
    )
    for group in Group.objects.filter(name="Curator"):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0001_claims"),
        ("subscriptions", "0013_curators_decide_reports"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
