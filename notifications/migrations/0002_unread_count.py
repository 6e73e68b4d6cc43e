"""Trigger: how many unread notifications a reader has, on the row of the account."""

from django.db import migrations

# Counted anew, not added up, as a form may save the whole row of an account with an older number.
# Accounts are locked first, in one order: what another transaction changed is seen by the count,
# and two of them cannot deadlock.
COUNTER = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts_user WHERE id IN (SELECT reader_id FROM ({changes}) AS c)
    ORDER BY id FOR NO KEY UPDATE;
  UPDATE accounts_user AS reader
     SET unread_notifications = (
           SELECT count(*) FROM notifications_notification AS row
            WHERE row.reader_id = reader.id AND row.read_at IS NULL)
   WHERE id IN (SELECT reader_id FROM ({changes}) AS c);
  RETURN NULL;
END $$;
CREATE TRIGGER {name} AFTER {event} ON notifications_notification REFERENCING {tables}
  FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
NO_COUNTER = "DROP TRIGGER {name} ON notifications_notification; DROP FUNCTION {name}();"
GONE = "SELECT reader_id FROM gone"
CAME = "SELECT reader_id FROM came"
EVENTS = [
    ("notifications_noted", "INSERT", CAME, "NEW TABLE AS came"),
    ("notifications_deleted", "DELETE", GONE, "OLD TABLE AS gone"),
    ("notifications_changed", "UPDATE", CAME, "NEW TABLE AS came"),
]


class Migration(migrations.Migration):
    replaces = [("notifications", "0002_unread_trigger")]
    dependencies = [("notifications", "0001_notifications_and_mail_choices")]
    operations = [
        migrations.RunSQL(
            COUNTER.format(name=name, event=event, changes=changes, tables=tables),
            NO_COUNTER.format(name=name),
        )
        for name, event, changes, tables in EVENTS
    ]
