"""A paper's vote counters follow its votes, whoever changes them: a reader, a cascade, a merge."""

from django.db import migrations

# One statement, one update of each paper it touches. Papers are locked in the order of their
# numbers, so that two large deletions wait for each other instead of locking each other out.
FUNCTION = """
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


class Migration(migrations.Migration):
    dependencies = [("papers", "0002_tables")]
    operations = [
        migrations.RunSQL(
            FUNCTION.format(name=name, event=event, changes=changes, tables=tables),
            f"DROP TRIGGER {name} ON papers_upvote; DROP FUNCTION {name}();",
        )
        for name, event, changes, tables in EVENTS
    ]
