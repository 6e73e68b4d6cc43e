"""Pictures of papers; one that comes or goes makes cached pages old."""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

# Not when a worker claims one, which no page shows: only with the name of its files.
CHANGED = """
CREATE TRIGGER papers_changed AFTER UPDATE OF digest OR DELETE ON papers_picture
  FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""
STATES = [
    ("pending", "to be looked for"),
    ("stored", "stored"),
    ("none", "none found"),
    ("removed", "removed by a curator"),
    ("dropped", "dropped, as space is limited"),
]
ORIGINS = [
    ("arxiv", "the paper on arXiv"),
    ("source", "the source of the paper"),
    ("curator", "a curator"),
]


class Migration(migrations.Migration):
    dependencies = [("papers", "0008_json_feeds")]
    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="papers.paper",
                    ),
                ),
                ("state", models.CharField(choices=STATES, default="pending", max_length=10)),
                ("origin", models.CharField(blank=True, choices=ORIGINS, max_length=10)),
                (
                    "source_url",
                    models.URLField(
                        blank=True, max_length=1000, verbose_name="address of the original"
                    ),
                ),
                ("caption", models.TextField(blank=True)),
                ("digest", models.CharField(max_length=32, null=True, unique=True)),
                ("width", models.PositiveSmallIntegerField(default=0)),
                ("height", models.PositiveSmallIntegerField(default=0)),
                ("stored_bytes", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(default=timezone.now)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state"], name="picture_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="stored", digest__isnull=False)
                        | (~Q(state="stored") & Q(digest=None)),
                        name="stored_pictures_have_files",
                    )
                ],
            },
        ),
        migrations.RunSQL(CHANGED, "DROP TRIGGER papers_changed ON papers_picture;"),
    ]
