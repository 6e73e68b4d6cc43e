"""Curators may see public lists of readers and make them private."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Django makes permissions only after the last migration, so here they may be missing.
    app = apps.get_app_config("library")
    app.models_module = getattr(app, "models_module", None) or True
    create_permissions(app, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    rights = Permission.objects.filter(
        content_type__app_label="library", codename__in=["view_readinglist", "change_readinglist"]
    )
    for group in Group.objects.filter(name="Curator"):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0002_reports_of_lists"),
        ("subscriptions", "0013_curators_decide_reports"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
