"""Curators may see comments, let them through and hide them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    # Django makes permissions only after the last migration, so here they may be missing.
    app = apps.get_app_config("comments")
    app.models_module = getattr(app, "models_module", None) or True
    create_permissions(app, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    rights = Permission.objects.filter(
        content_type__app_label="comments", codename__in=["view_comment", "change_comment"]
    )
    for group in Group.objects.filter(name="Curator"):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0002_triggers"),
        ("subscriptions", "0013_curators_decide_reports"),
    ]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
