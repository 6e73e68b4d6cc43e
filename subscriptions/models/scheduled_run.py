"""A job of a period, run once: two schedulers are harmless, a missed tick is caught up."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q


class ScheduledRun(models.Model):
    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        DEAD = "dead", "dead"

    name = models.CharField(max_length=60)
    period = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "period"], name="one_run_for_each_period")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period}: {self.state}"

    def claim(self, now: datetime, until: datetime) -> bool:
        claimed = ScheduledRun.objects.filter(
            Q(lease_until=None) | Q(lease_until__lt=now), pk=self.pk, state=self.State.RUNNING
        ).update(lease_until=until, attempts=F("attempts") + 1)
        return claimed == 1
