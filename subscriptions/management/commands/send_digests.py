"""Composes and sends the digests that are due, in this process, without a worker."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from subscriptions.durations import duration_setting
from subscriptions.issues import archive, digests, recipients
from subscriptions.models import Delivery, Subscriber
from subscriptions.sending import run

MAX_AHEAD = timedelta(days=1)  # a later `--at` is more often a slip than a wish


class Command(BaseCommand):
    help = "Send the digests that are due, in this process; any number may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at",
            metavar="ISO-TIME",
            type=_moment,
            help="what is due, and what is stale, at that time; without a zone, in TIME_ZONE",
        )
        parser.add_argument(
            "--force", action="store_true", help="also at a time more than a day ahead"
        )
        parser.add_argument("--dry-run", action="store_true", help="only show who would get what")

    def handle(self, at: datetime | None, dry_run: bool, force: bool, **options: Any) -> None:
        now = at or timezone.now()
        if now > timezone.now() + MAX_AHEAD and not (dry_run or force):
            raise CommandError(
                f"{now:%Y-%m-%d %H:%M} is more than a day ahead: all digests up to then would be"
                " sent now. Check the year, or add --force."
            )
        if settings.SENDING_HELD and not dry_run:
            raise CommandError("Nothing is sent while SENDING_HELD is set.")
        table = _plan(now) if dry_run else _send(now)
        if table.row_count:
            Console(width=None if self.stdout.isatty() else 100).print(table)
        else:
            self.stdout.write(f"Nothing is due at {now:%Y-%m-%d %H:%M %Z}.")


def _send(now: datetime) -> Table:
    archive.publish(now)
    table = Table("state", "deliveries")
    for state, count in sorted(run.run(now).items()):
        table.add_row(state, str(count))
    return table


def _plan(now: datetime) -> Table:
    table = Table("to", "issue", "papers", "first of them")
    for subscriber, frequency, period, due_at, excluded in _planned(now):
        sections = digests.preview(subscriber, frequency, due_at, excluded)
        papers = [paper for section in sections for paper in section.papers]
        excluded.update(paper.pk for paper in papers)
        first = papers[0].title_text if papers else "an empty one is not sent"
        table.add_row(subscriber.address, f"{frequency} {period}", str(len(papers)), first)
    return table


def _planned(now: datetime) -> Iterator[tuple[Subscriber, str, str, datetime, set[int]]]:
    """Subscriber, frequency, period, when it is due, and a set of papers to leave out.

    The set is shared by the digests of one subscriber; whoever iterates adds what each one holds.
    """
    for delivery in Delivery.objects.due(now).select_related("issue", "subscriber"):
        issue = delivery.issue
        yield delivery.subscriber, issue.frequency, issue.period, delivery.due_at, set()
    for subscriber in Subscriber.objects.due(now).prefetch_related("subscriptions"):
        subscriptions = list(subscriber.subscriptions.all())
        excluded: set[int] = set()
        existing = set(subscriber.deliveries.values_list("issue__frequency", "issue__period"))
        for due in recipients.issues_due(subscriber, subscriptions, now):
            is_fresh = due.at + duration_setting("MAIL_STALE_SECONDS") > now
            if is_fresh and (due.frequency, due.period.name) not in existing:
                yield subscriber, due.frequency, due.period.name, due.at, excluded


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is no time: write it as 2025-03-14T07:00") from None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
