from django.db import migrations

# As accounts.mailbox does.
FILL = r"""
UPDATE subscriptions_subscriber SET mailbox =
    replace(regexp_replace(split_part(address, '@', 1), '(.)\+.*', '\1'), '.', '') || '@'
    || CASE split_part(address, '@', 2) WHEN 'googlemail.com' THEN 'gmail.com'
       ELSE split_part(address, '@', 2) END
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0006_mailboxes_and_used_links")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
