"""What a mail holds goes with the mail and with the paper, by one statement for all of them.

Foreign keys look at each row for itself, twenty times for a mail of twenty papers: that took a
tenth to a fifth of the time of sending. `contents.KEEP` locks mails and papers instead, once, as
the keys would; whoever deletes one waits for it, and then takes along what it wrote.
"""

import django.db.models.deletion
from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION subscriptions_contents_go_too() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'DELETE FROM subscriptions_deliverypaper WHERE %I IN (SELECT id FROM gone)', TG_ARGV[0]
  );
  RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER contents_go_too AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_contents_go_too('{column}');
"""
TABLES = {"subscriptions_delivery": "delivery_id", "papers_paper": "paper_id"}


def unchecked(name: str, to: str, **options: object) -> migrations.AlterField:
    key = models.ForeignKey(
        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to=to, **options
    )
    return migrations.AlterField("deliverypaper", name, key)


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0032_most_voted_first"),
        ("subscriptions", "0023_no_second_truths"),
    ]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION subscriptions_contents_go_too();"),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table, column=column),
                f"DROP TRIGGER contents_go_too ON {table};",
            )
            for table, column in TABLES.items()
        ),
        unchecked("delivery", "subscriptions.delivery", related_name="contents"),
        unchecked("subscriber", "subscriptions.subscriber", db_index=False),
        unchecked("paper", "papers.paper", related_name="mailed"),
    ]
