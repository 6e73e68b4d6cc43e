"""After a restore from an older copy: counts everything until now as sent."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from papers.models import Source
from subscriptions import restore

STALE_AFTER = timedelta(days=1)


class Command(BaseCommand):
    help = (
        "After a restore from an older copy: count all papers, issues, notifications and"
        " confirmations until now as sent, and unsubscribe those who had left since. Run it while"
        " SENDING_HELD is set."
    )

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        result = restore.mark_as_sent(now)
        self.stdout.write(f"Everything until {now:%Y-%m-%d %H:%M %Z} counts as sent.")
        self.stdout.write(f"  addresses that had left, and left again: {result.left}")
        self.stdout.write(f"  waiting emails that will not be sent: {result.cancelled}")
        self.stdout.write(f"  subscribers with a new time for their next issue: {result.planned}")
        stale = Source.objects.enabled().exclude(last_success_at__gt=now - STALE_AFTER)
        if names := list(stale.order_by("name").values_list("name", flat=True)):
            self.stdout.write(
                "Not polled for a day, so papers of theirs that were sent before may come again:"
                f" {', '.join(names)}. Poll them (manage.py ingest), then run this once more."
            )
