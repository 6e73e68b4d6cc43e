"""Reports in the terminal of `up` how the last days of papers arrive at a new site."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from papers.ingest.backfill import days_done
from papers.models import Backfill

CHECK_INTERVAL = timedelta(seconds=2)


class FirstDaysReport:
    """Calls `say` once for each day of papers that is complete, and for an error."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._next_check_at = 0.0
        self._days_said = 0
        self._error_said = ""
        self._row = Backfill.objects.unfinished().filter(source=None).order_by("pk").first()
        if self._row is not None:
            self._days_said = len(days_done(self._row))

    def update(self) -> None:
        """Call this every moment: looks at the database every CHECK_INTERVAL until all is done."""
        if self._row is None or time.monotonic() < self._next_check_at:
            return
        self._next_check_at = time.monotonic() + CHECK_INTERVAL.total_seconds()
        try:
            self._report(self._row)
        except (DatabaseError, InterfaceError):
            pass  # the server is being restarted
        finally:
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]

    def _report(self, row: Backfill) -> None:
        row.refresh_from_db()
        days = days_done(row)
        for day, count in days[self._days_said :]:
            self.say(f"Papers of {day:%A} {day.day} {day:%B}: {count:,}")
        self._days_said = len(days)
        if row.last_error and row.next_try_at and row.last_error != self._error_said:
            next_try = timezone.localtime(row.next_try_at)
            self.say(
                f"Papers of the last days cannot be fetched yet: {row.last_error}."
                f" Next try at {next_try:%H:%M}."
            )
            self._error_said = row.last_error
        if row.next_day is None:
            self._row = None
