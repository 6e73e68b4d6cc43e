"""`manage.py ingest`: polls sources now and prints a table of the results."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table
from rich.text import Text

from papers.ingest import polling, samples
from papers.models import Poll, Source

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Poll the named sources now, or those that are due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="as in the admin's list")

    def handle(self, *, names: list[str], **_: Any) -> None:
        sources = self._named(names) if names else list(Source.objects.due(timezone.now()))
        if not sources:
            self.stdout.write("No source is due. Name one to poll it now.")
            return
        table = Table("Source", "Status", "Entries", "New", "Updated", "Outcome")
        failed = 0
        for source in sources:
            if names:
                source.poll_now()
            try:
                poll = polling.poll(source, timezone.now(), patient=True)
            except Exception as error:  # one source never stops the others
                log.exception("Polling %s failed", source.name)
                failed += 1
                _add_row(table, source.name, *[""] * 4, f"{type(error).__name__}: {error}")
                continue
            failed += bool(poll and poll.error and not poll.entries)
            _add_row(table, source.name, *_row(poll))
        samples.remove_if_outdated()
        Console(width=None if self.stdout.isatty() else 120).print(table)
        if failed == len(sources):
            raise CommandError("No source could be read; the reasons stand above.")

    def _named(self, names: list[str]) -> list[Source]:
        known = {source.name.casefold(): source for source in Source.objects.all()}
        unknown = [name for name in names if name.casefold() not in known]
        if unknown:
            have = ", ".join(source.name for source in known.values()) or "none yet"
            raise CommandError(f"No source is called {', '.join(unknown)}. There are: {have}")
        return [known[name.casefold()] for name in names]


def _add_row(table: Table, *cells: str) -> None:
    """As text: what a feed says must not be read as Rich's markup."""
    table.add_row(*map(Text, cells))


def _row(poll: Poll | None) -> list[str]:
    if poll is None:
        return ["", "", "", "", "somebody else is at it"]
    outcome = poll.error or ("not changed" if poll.status == 304 else "ok")
    outcome = "; ".join(filter(None, [outcome, poll.note]))
    return [*map(str, (poll.status or "", poll.entries, poll.new, poll.updated)), outcome]
