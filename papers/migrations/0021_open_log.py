"""Verbs of the log for topics, votes and sources; a change of the log makes cached pages old."""

from django.db import migrations, models

VERBS = [
    ("list", "listed"),
    ("schedule", "scheduled"),
    ("queue", "put into the queue"),
    ("pick", "made an editors’ pick"),
    ("unpick", "no longer an editors’ pick"),
    ("order", "moved"),
    ("topics", "changed the topics of"),
    ("hide", "hidden"),
    ("show", "shown again"),
    ("merge", "merged"),
    ("add", "added"),
    ("change", "changed"),
    ("remove", "removed"),
    ("void", "voided"),
    ("disable", "switched off"),
    ("enable", "switched on again"),
]
CHANGED = """
CREATE TRIGGER papers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
  ON papers_curatoraction FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("papers", "0020_vector_signs")]

    operations = [
        migrations.AlterField(
            model_name="curatoraction",
            name="verb",
            field=models.CharField(choices=VERBS, max_length=20),
        ),
        migrations.RunSQL(CHANGED, "DROP TRIGGER papers_changed ON papers_curatoraction;"),
    ]
