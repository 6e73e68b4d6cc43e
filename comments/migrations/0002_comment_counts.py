"""Triggers: a paper's count of comments, old pages, and deleted accounts whose words go too."""

from django.db import migrations

# As with votes: one statement makes one update of each paper, in the order of their numbers, so
# that two large changes wait for each other instead of locking each other out.
COUNTER = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM papers_paper WHERE id IN (SELECT paper_id FROM ({changes}) AS c)
    ORDER BY id FOR NO KEY UPDATE;
  UPDATE papers_paper AS paper SET comment_count = paper.comment_count + sums.comments
    FROM (SELECT paper_id, sum(sign) AS comments FROM ({changes}) AS c GROUP BY paper_id) AS sums
   WHERE paper.id = sums.paper_id AND sums.comments <> 0;
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON comments_comment REFERENCING {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
NO_COUNTER = "DROP TRIGGER {name} ON comments_comment; DROP FUNCTION {name}();"
GONE = "SELECT paper_id, -1 AS sign FROM gone WHERE state = 'visible'"
CAME = "SELECT paper_id, 1 AS sign FROM came WHERE state = 'visible'"
EVENTS = [
    ("comments_added", "INSERT", CAME, "NEW TABLE AS came"),
    ("comments_removed", "DELETE", GONE, "OLD TABLE AS gone"),
    (
        "comments_changed",
        "UPDATE",
        f"{GONE} UNION ALL {CAME}",
        "OLD TABLE AS gone NEW TABLE AS came",
    ),
]
# Pages kept for all readers are drawn anew: the function is of papers.0008_vote_counts_and_page_version.
CHANGED = """
CREATE TRIGGER papers_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION papers_changed();
"""
TABLES = ["comments_comment", "comments_commentvote"]
# However an account is deleted, its words go; the place of a comment stays for the replies to it.
ERASE = """
CREATE FUNCTION comments_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM comments_commentedit WHERE comment_id = NEW.id;
  NEW.text := '';
  NEW.state := 'deleted';
  RETURN NEW;
END $$;
CREATE TRIGGER comments_erase BEFORE UPDATE OF author_id ON comments_comment
  FOR EACH ROW WHEN (NEW.author_id IS NULL) EXECUTE FUNCTION comments_erase();
"""
NO_ERASE = "DROP TRIGGER comments_erase ON comments_comment; DROP FUNCTION comments_erase();"


class Migration(migrations.Migration):
    replaces = [
        ("comments", "0002_triggers"),
        ("comments", "0003_curators_decide"),
    ]
    dependencies = [
        ("comments", "0001_comments_and_votes"),
        ("papers", "0008_vote_counts_and_page_version"),
    ]
    operations = [
        *(
            migrations.RunSQL(
                COUNTER.format(name=name, event=event, changes=changes, tables=tables),
                NO_COUNTER.format(name=name),
            )
            for name, event, changes, tables in EVENTS
        ),
        *(
            migrations.RunSQL(
                CHANGED.format(table=table), f"DROP TRIGGER papers_changed ON {table};"
            )
            for table in TABLES
        ),
        migrations.RunSQL(ERASE, NO_ERASE),
    ]
