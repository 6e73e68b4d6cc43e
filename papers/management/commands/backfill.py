"""`manage.py backfill`: fetches the past of a source; run again after a kill, it goes on."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from papers.ingest import backfill
from papers.models import Backfill, Source


class Command(BaseCommand):
    help = "Fetch the history of an arXiv source through OAI-PMH, within arXiv's limits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="as in the admin's list")
        parser.add_argument("--since", type=date.fromisoformat, required=True, metavar="D")
        parser.add_argument("--until", type=date.fromisoformat, metavar="D", help="yesterday")

    def handle(self, *, source: str, since: date, until: date | None, **_: Any) -> None:
        row = self._row(source, since, until or timezone.localdate() - timedelta(days=1))
        days = (row.until - row.since).days + 1
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[new]} new"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        with progress:
            bar = progress.add_task(source, total=days, new=row.new)

            def on_day(row: Backfill) -> None:
                done = (row.done_through - row.since).days + 1 if row.done_through else 0
                progress.update(bar, completed=done, new=row.new)

            on_day(row)
            complete = backfill.run(row, patient=True, on_day=on_day)
        row.refresh_from_db()
        self.stdout.write(
            f"{row}: done through {row.done_through or 'no day yet'},"
            f" {row.new:,} new, {row.updated:,} updated"
        )
        if not complete:
            why = row.last_error or "another process is at it"
            raise CommandError(f"Not finished: {why}. Run it again to go on.")

    def _row(self, name: str, since: date, until: date) -> Backfill:
        source = Source.objects.filter(name__iexact=name).first()
        if source is None:
            have = ", ".join(Source.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"No source is called {name}. There are: {have}")
        if not backfill.feed_categories(source):
            raise CommandError(f"{source} is no arXiv feed of named categories: it has no history")
        if since > until:
            raise CommandError(f"--since {since} lies after --until {until}")
        row, _ = Backfill.objects.get_or_create(source=source, since=since, until=until)
        if row.attempts:
            Backfill.objects.filter(pk=row.pk).update(attempts=0)
        return row
