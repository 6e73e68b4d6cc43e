"""ScheduledRun: when a job that needs no row of its own is due next, such as one of each night."""

from datetime import datetime, timedelta

from django.db import models

RETRY_AFTER = timedelta(minutes=10)  # of a run that its worker did not end


class ScheduledRunManager(models.Manager["ScheduledRun"]):
    def is_due(self, name: str, now: datetime) -> bool:
        """True also for a job that has never run."""
        return not self.filter(name=name, due_at__gt=now).exists()

    def claim(self, name: str, now: datetime) -> bool:
        """Whether this worker is to run it now; another may try after RETRY_AFTER."""
        self.get_or_create(name=name, defaults={"due_at": now})
        due = self.filter(name=name, due_at__lte=now)
        return due.update(due_at=now + RETRY_AFTER) == 1

    def plan(self, name: str, due_at: datetime) -> None:
        self.update_or_create(name=name, defaults={"due_at": due_at})


class ScheduledRun(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    due_at = models.DateTimeField()

    objects = ScheduledRunManager()

    def __str__(self) -> str:
        return f"{self.name} at {self.due_at:%Y-%m-%d %H:%M}"
