"""The moment until which everything counts as sent, set after a restore."""

from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import TruncDate


class SentMarkQuerySet(models.QuerySet["SentMark"]):
    def covering_paper(self) -> "SentMarkQuerySet":
        """Marks that cover the paper of an outer query: listed before, or on a day before.

        A day, as a paper that is found again after a restore is listed anew, on its old day.
        """
        return self.annotate(day=TruncDate("at")).filter(
            Q(at__gte=OuterRef("listed_at")) | Q(day__gt=OuterRef("listed_on"))
        )


class SentMark(models.Model):
    at = models.DateTimeField()

    objects = SentMarkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"sent until {self.at:%Y-%m-%d %H:%M %Z}"
