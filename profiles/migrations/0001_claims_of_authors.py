"""Claims of readers to be an author; pages made before are drawn anew after a change."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)

# An author's page shows accepted claims, a paper's page names readers who allow it: both are kept
# for anonymous readers (papers/web/page_version.py). A visit and a sign-in change other columns.
CLAIMS_CHANGED = """
CREATE TRIGGER papers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON profiles_claim
  FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""
READERS_CHANGED = """
CREATE TRIGGER papers_changed AFTER UPDATE OF name, handle, is_active, shows_upvotes
  ON accounts_user FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("profiles", "0001_claims"),
        ("profiles", "0002_curators_decide_claims"),
    ]
    dependencies = [
        ("papers", "0008_vote_counts_and_page_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                ID,
                ("author", models.CharField(max_length=200, verbose_name="name of the author")),
                ("author_key", models.CharField(editable=False, max_length=500)),
                (
                    "evidence",
                    models.CharField(
                        choices=[("orcid", "ORCID account"), ("email", "email address")],
                        max_length=10,
                    ),
                ),
                ("orcid", models.CharField(blank=True, max_length=19, verbose_name="ORCID iD")),
                (
                    "address",
                    models.EmailField(blank=True, max_length=254, verbose_name="email address"),
                ),
                ("created_at", models.DateTimeField(default=timezone.now, verbose_name="when")),
                ("proven_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("accepted", "accepted"),
                            ("refused", "refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="reason of the decision"
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("appeal", models.TextField(blank=True, max_length=1000)),
                ("appealed_at", models.DateTimeField(blank=True, null=True)),
                ("link", models.URLField(blank=True, max_length=500, verbose_name="link")),
                (
                    "link_label",
                    models.CharField(blank=True, max_length=60, verbose_name="words of the link"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="claims", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["author_key"], name="claims_of_author")],
                "constraints": [
                    models.UniqueConstraint(fields=("reader", "author_key"), name="one_claim_each"),
                    models.CheckConstraint(
                        condition=Q(state="waiting") | Q(proven_at__isnull=False),
                        name="only_proven_claims_are_decided",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CLAIMS_CHANGED, "DROP TRIGGER papers_changed ON profiles_claim;"),
        migrations.RunSQL(READERS_CHANGED, "DROP TRIGGER papers_changed ON accounts_user;"),
    ]
