"""Three groups for people who share the work: what each may see and change in the admin.

A later migration that adds a model repeats the whole table of the roles that may use it.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ["accounts", "account", "admin", "papers", "subscriptions"]
# Not here, so left to administrators: groups, the addresses of accounts, whatever erases accounts.
ROLES = {
    "Curator": {
        "papers.paper": "view change delete",
        "papers.topic": "view add change",  # deleting one would end subscriptions
        "papers.papertopic": "view add change delete",
        "papers.alias": "view add change delete",
        "papers.tombstone": "view add change delete",
        "papers.upvote": "view change",
        "papers.source": "view",
        "papers.poll": "view",
        "accounts.user": "view",
    },
    "Mail editor": {
        "subscriptions.issue": "view change",
        "subscriptions.delivery": "view change",
        "subscriptions.deliverypaper": "view",
        "subscriptions.mailevent": "view",
        "subscriptions.subscriber": "view change delete",
        "subscriptions.subscription": "view add change delete",
        "subscriptions.suppression": "view add change delete",
        "papers.paper": "view",
        "papers.topic": "view",
    },
    "Operator": {
        "papers.source": "view add change delete",
        "papers.poll": "view delete",
        "papers.backfill": "view add change delete",
        "papers.embeddingjob": "view",
        "papers.paper": "view",
        "papers.topic": "view",
        "subscriptions.issue": "view",
        "accounts.user": "view change",
        "account.emailaddress": "view",
        "admin.logentry": "view",
    },
}


def make_roles(apps, schema_editor):
    """Each group has exactly these permissions, whatever it had before."""
    for label in APPS:
        # Django makes permissions only after the last migration, so here they may be missing.
        app = apps.get_app_config(label)
        # Without it create_permissions does nothing; the apps of a migration have none.
        app.models_module = getattr(app, "models_module", None) or True
        create_permissions(app, apps=apps, verbosity=0)
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, models in ROLES.items():
        permissions = [
            Permission.objects.get(content_type__app_label=label, codename=f"{action}_{model}")
            for label, _, model in (key.partition(".") for key in models)
            for action in models[f"{label}.{model}"].split()
        ]
        Group.objects.get_or_create(name=name)[0].permissions.set(permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_staff_label"),
        ("account", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("papers", "0005_triggers"),
        ("subscriptions", "0003_triggers"),
    ]
    # The groups stay: people may have them.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
