"""`manage.py import_papers`: imports files; rejected records are kept beside the file."""

import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from papers.ingest import bulk_import, samples
from papers.search import word_counts
from papers.sources import ParseError
from papers.sources.import_file import RejectedRecord


class Command(BaseCommand):
    help = (
        "Import papers from JSON in any wrapping (lines, arrays, tables), the daily-papers API,"
        " Atom, RSS or OAI-PMH, packed by gzip or not. Twice is the same as once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--list", action="store_true", dest="listed", help="put papers on the page of their day"
        )
        parser.add_argument(
            "--date",
            type=_day,
            metavar="D",
            help="that day, where the file gives none (raw API JSON: one in the file's name)",
        )

    def handle(self, *, files: list[Path], listed: bool, date: date | None, **_: Any) -> None:
        missing = [str(path) for path in files if not path.is_file()]
        if missing:
            raise CommandError(f"No such file: {', '.join(missing)}")
        unread = [path for path in files if not self._import(path, listed, date)]
        samples.remove_if_outdated()
        word_counts.run_soon(timezone.now())
        if unread:
            raise CommandError(f"Nothing could be read from {', '.join(map(str, unread))}")

    def _import(self, path: Path, listed: bool, day: date | None) -> bool:
        total: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        remarks: Counter[str] = Counter()
        rejected = _Rejected(path)
        try:
            with self._progress() as progress, rejected:
                bar = progress.add_task(path.name, total=path.stat().st_size, rate="")
                for batch in bulk_import.run(path, now=timezone.now(), listed=listed, day=day):
                    total.update(entries=batch.entries, new=batch.new, updated=batch.updated)
                    remarks.update(batch.remarks)
                    for refused in batch.refused:
                        rejected.write(refused)
                        reasons[refused.reason] += 1
                    rate = total["entries"] / max(progress.tasks[bar].elapsed or 0, 0.001)
                    progress.update(bar, completed=batch.read, rate=f"{rate:,.0f} papers/s")
        except (ParseError, OSError) as error:
            self.stderr.write(f"{path.name}: {error}")
            return False
        unchanged = total["entries"] - total["new"] - total["updated"]
        self.stdout.write(
            f"{path.name}: {total['entries']:,} records, {total['new']:,} new,"
            f" {total['updated']:,} updated, {unchanged:,} known, {reasons.total():,} rejected"
        )
        for remark, count in remarks.most_common(3):
            self.stdout.write(f"  {count:,} × {remark}")
        if reasons:
            self.stdout.write(f"  rejected records are in {rejected.path}; the commonest reasons:")
            for reason, count in reasons.most_common(3):
                self.stdout.write(f"  {count:,} × {reason}")
        return total["entries"] > 0 or not reasons

    def _progress(self) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )


class _Rejected:
    """FILE.rejected.jsonl, made with the first record; under DATA_DIR if FILE is not ours."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.rejected.jsonl")
        self._file: IO[str] | None = None

    def __enter__(self) -> "_Rejected":
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def write(self, refused: RejectedRecord) -> None:
        if self._file is None:
            self._file = self._open()
        self._file.write(json.dumps(asdict(refused), ensure_ascii=False) + "\n")

    def _open(self) -> IO[str]:
        try:
            return self.path.open("w")
        except OSError:
            self.path = settings.DATA_DIR / self.path.name
            return self.path.open("w")


def _day(text: str) -> date:
    return date.fromisoformat(text)
