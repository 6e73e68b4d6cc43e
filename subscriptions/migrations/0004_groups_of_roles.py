"""Three groups for people who share the work: what each may see and change in the admin.

A later migration that adds a right gives it to the group, as library.0003_curators_decide does.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ["accounts", "account", "admin", "papers", "comments", "profiles", "subscriptions"]
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
        "papers.submission": "view",
        "papers.report": "view change",
        "comments.comment": "view change",
        "profiles.claim": "view change",
        "accounts.user": "view trust",
        "accounts.curatornote": "view add delete",
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
        "accounts.curatornote": "view add delete",
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
        "accounts.curatornote": "view add delete",
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
    # 0016 depends on the last of these, which is why it is here, not with its table in 0003.
    replaces = [
        ("subscriptions", "0004_roles"),
        ("subscriptions", "0011_curators_trust_readers"),
        ("subscriptions", "0013_curators_decide_reports"),
        ("subscriptions", "0014_curators_write_notes"),
        ("subscriptions", "0015_notification_mails"),
    ]
    dependencies = [
        ("account", "0001_initial"),
        ("accounts", "0001_accounts"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("comments", "0001_comments_and_votes"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("papers", "0007_curator_actions_and_pictures"),
        ("profiles", "0001_claims_of_authors"),
        ("subscriptions", "0003_mails"),
    ]
    # The groups stay: people may have them.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
