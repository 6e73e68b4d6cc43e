"""Triggers: a paper's vote counters, and the number that moves with whatever readers see."""

from django.db import migrations

# A paper's vote counters follow its votes, whoever changes them: a reader, a cascade, a merge.
# One statement makes one update of each paper it touches. Papers are locked in the order of their
# numbers, so that two large deletions wait for each other instead of locking each other out.
COUNTER = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM papers_paper WHERE id IN (SELECT paper_id FROM ({changes}) AS c)
    ORDER BY id FOR NO KEY UPDATE;
  UPDATE papers_paper AS paper
     SET votes = paper.votes + sums.votes, ranked_votes = paper.ranked_votes + sums.ranked
    FROM (SELECT paper_id, sum(sign) AS votes, sum(sign * ranked::int) AS ranked
            FROM ({changes}) AS c GROUP BY paper_id) AS sums
   WHERE paper.id = sums.paper_id AND (sums.votes <> 0 OR sums.ranked <> 0);
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON papers_upvote REFERENCING {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
NO_COUNTER = "DROP TRIGGER {name} ON papers_upvote; DROP FUNCTION {name}();"
GONE = "SELECT paper_id, -1 AS sign, ranked FROM gone WHERE voided_at IS NULL"
CAME = "SELECT paper_id, 1 AS sign, ranked FROM came WHERE voided_at IS NULL"
EVENTS = [
    ("votes_cast", "INSERT", CAME, "NEW TABLE AS came"),
    ("votes_withdrawn", "DELETE", GONE, "OLD TABLE AS gone"),
    (
        "votes_changed",
        "UPDATE",
        f"{GONE} UNION ALL {CAME}",
        "OLD TABLE AS gone NEW TABLE AS came",
    ),
]


# A number that moves with whatever readers see, so that cached pages know when they are old. It
# is a sequence, as a row that every vote writes would make the votes wait for each other. It moves
# when a statement runs, which others see only at its commit: until then the writer also holds a
# shared lock, by which a reader knows that a change is still under way. Shared locks never wait.
CHANGES = """
CREATE SEQUENCE papers_changes;
CREATE FUNCTION papers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared('papers_changes'::regclass::oid::bigint);
  PERFORM nextval('papers_changes');
  RETURN NULL;
END $$;
"""
NO_CHANGES = "DROP FUNCTION papers_changed(); DROP SEQUENCE papers_changes;"
CHANGED = """
CREATE TRIGGER papers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""
# Votes write their papers; sources and the day itself are why no page is cached for long.
TABLES = ["papers_paper", "papers_topic", "papers_papertopic", "papers_curatoraction"]
# Not when a worker claims a picture, which no page shows: only with the name of its files.
PICTURE_CHANGED = """
CREATE TRIGGER papers_changed AFTER UPDATE OF digest OR DELETE ON papers_picture
  FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""


class Migration(migrations.Migration):
    # 0029 depends on the last of these, so Django refuses a database that has only some of them.
    replaces = [
        ("papers", "0005_triggers"),
        ("papers", "0021_open_log"),
        ("papers", "0028_empty_searches"),
    ]
    dependencies = [("papers", "0007_curator_actions_and_pictures")]
    operations = [
        *(
            migrations.RunSQL(
                COUNTER.format(name=name, event=event, changes=changes, tables=tables),
                NO_COUNTER.format(name=name),
            )
            for name, event, changes, tables in EVENTS
        ),
        migrations.RunSQL(CHANGES, NO_CHANGES),
        *(
            migrations.RunSQL(
                CHANGED.format(table=table), f"DROP TRIGGER papers_changed ON {table};"
            )
            for table in TABLES
        ),
        migrations.RunSQL(PICTURE_CHANGED, "DROP TRIGGER papers_changed ON papers_picture;"),
    ]
