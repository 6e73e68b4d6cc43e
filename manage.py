#!/usr/bin/env python
"""Every command of the site. Those that need the database or the broker bring them along."""

import os
import sys

WITHOUT_SERVERS = {"", "check", "collectstatic", "help", "up", "version"}
WITHOUT_TABLES = {"dbshell", "makemigrations", "migrate", "showmigrations", "sqlmigrate"}


class Unready(Exception):
    """What the command would work on is not there; the message is one line for a person."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if command in WITHOUT_SERVERS or {"-h", "--help"} & set(sys.argv):
        return execute_from_command_line(sys.argv)

    from django.conf import settings

    from selfhost.servers import ServerError, Servers

    servers = Servers(
        settings.DATA_DIR, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY
    )
    try:
        with servers.joined():
            if command not in WITHOUT_TABLES:
                make_tables(ours=settings.EMBEDDED_POSTGRES)
            execute_from_command_line(sys.argv)
    except (ServerError, Unready) as error:
        print(error, file=sys.stderr)
        # Whoever pipes a mail to us keeps it and comes again.
        sys.exit(os.EX_TEMPFAIL if command == "receive_mail" else 1)


def make_tables(*, ours: bool) -> None:
    """A new data folder is ready for whichever command comes first."""
    import django
    from django.core.management import call_command
    from django.db import connection

    from site_web import healthz

    django.setup()
    if why := healthz.why_unreachable():
        raise Unready(f"The database does not answer: {why}")
    if "papers_paper" in connection.introspection.table_names():
        return
    if not ours:
        raise Unready(
            "The database of DATABASE_URL has no tables yet: run `manage.py migrate` first."
        )
    call_command("migrate", verbosity=0, interactive=False)
    from papers.ingest import seed

    seed.make_topics()


if __name__ == "__main__":
    main()
