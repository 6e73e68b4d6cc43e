"""A number that moves with whatever readers see, so that kept pages know when they are old."""

from django.db import migrations

# A sequence, as a row that every vote writes would make the votes wait for each other. It moves
# when a statement runs, which others see only at its commit: until then the writer also holds a
# shared lock, by which a reader knows that the last word is not spoken. Shared locks never wait.
FUNCTION = """
CREATE SEQUENCE papers_changes;
CREATE FUNCTION papers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared('papers_changes'::regclass::oid::bigint);
  PERFORM nextval('papers_changes');
  RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER papers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""
# Votes write their papers; sources and the day itself are why no page is kept for long.
TABLES = ["papers_paper", "papers_topic", "papers_papertopic"]


class Migration(migrations.Migration):
    dependencies = [("papers", "0020_newest_papers_first")]
    operations = [
        migrations.RunSQL(
            FUNCTION, "DROP FUNCTION papers_changed() CASCADE; DROP SEQUENCE papers_changes;"
        ),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table), f"DROP TRIGGER papers_changed ON {table};"
            )
            for table in TABLES
        ),
    ]
