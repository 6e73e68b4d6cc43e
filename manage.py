#!/usr/bin/env python
"""Runs a command; starts the embedded servers first, where the command needs them."""

import os
import sys

WITHOUT_SERVERS = {"", "check", "collectstatic", "help", "up", "version"}
WITHOUT_TABLES = {"dbshell", "makemigrations", "migrate", "showmigrations", "sqlmigrate"}


class NotReadyError(Exception):
    """The database is missing or has no tables; the message is one line for the operator."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    if command in WITHOUT_SERVERS or {"-h", "--help"} & set(sys.argv):
        return execute_from_command_line(sys.argv)

    from django.conf import settings

    from selfhost.folders import ServerError
    from selfhost.servers import Servers

    servers = Servers(
        settings.DATA_DIR, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY
    )
    try:
        with servers.running():
            if command not in WITHOUT_TABLES:
                ensure_tables(embedded=settings.EMBEDDED_POSTGRES)
            execute_from_command_line(sys.argv)
    except (ServerError, NotReadyError) as error:
        print(error, file=sys.stderr)
        # EX_TEMPFAIL: the mail server that pipes a message to us keeps it and tries again.
        sys.exit(os.EX_TEMPFAIL if command == "receive_mail" else 1)


def ensure_tables(*, embedded: bool) -> None:
    """Makes the tables of a new data folder, so that any command may be its first."""
    import django
    from django.core.management import call_command
    from django.db import connection

    from site_web import healthz

    django.setup()
    if reason := healthz.why_unreachable():
        raise NotReadyError(f"The database does not answer: {reason}")
    if "papers_paper" in connection.introspection.table_names():
        return
    if not embedded:
        raise NotReadyError(
            "The database of DATABASE_URL has no tables yet: run `manage.py migrate` first."
        )
    call_command("migrate", verbosity=0, interactive=False)
    from papers.ingest import seed

    seed.make_topics()


if __name__ == "__main__":
    main()
