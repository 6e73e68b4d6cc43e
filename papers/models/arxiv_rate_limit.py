"""The time from which arXiv's hosts may be requested again, shared by all processes."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest
from django.utils import timezone


class TurnManager(models.Manager["Turn"]):
    def free_at(self) -> datetime:
        """The time of the next allowed request; makes the row where it is missing."""
        turn, _ = self.get_or_create(pk=1, defaults={"at": timezone.now()})
        return turn.at

    def postpone(self, wait: timedelta) -> None:
        """Allow no request within `wait` from now; a longer wait already set is kept."""
        self.free_at()
        self.filter(pk=1).update(at=Greatest("at", timezone.now() + wait))


class Turn(models.Model):
    """The only row of its table; used by `papers.ingest.arxiv_limiter`."""

    at = models.DateTimeField()

    objects = TurnManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="only_one_turn")]

    def __str__(self) -> str:
        return f"from {self.at:%H:%M:%S} on"
