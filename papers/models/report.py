"""Report: a reader says that something is wrong with a paper; a curator decides."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

MAX_WORDS_CHARS = 500
MAX_REPORTS_A_DAY = 20  # of one reader


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> "ReportQuerySet":
        """Those that no curator has decided."""
        return self.filter(state=Report.State.OPEN)

    def is_limit_reached(self, reader: "User", now: datetime) -> bool:
        recent = self.filter(reporter=reader, created_at__gt=now - timedelta(days=1))
        return recent.count() >= MAX_REPORTS_A_DAY

    def decide(self, state: "Report.State", curator: "User") -> int:
        """Accept or dismiss those that are open; how many."""
        return self.open().update(state=state, decided_at=timezone.now(), decided_by=curator)


class Report(models.Model):
    class Reason(models.TextChoices):
        WRONG = "wrong", "Something on this page is wrong"
        DUPLICATE = "duplicate", "The paper is here twice"
        SPAM = "spam", "It is spam"
        NOT_A_PAPER = "not a paper", "It is not a paper"

    class State(models.TextChoices):
        OPEN = "open", "open"
        ACCEPTED = "accepted", "accepted"
        DISMISSED = "dismissed", "dismissed"

    paper = models.ForeignKey("papers.Paper", models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=20, choices=Reason)
    words = models.CharField(max_length=MAX_WORDS_CHARS, blank=True)
    created_at = models.DateTimeField("when", default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "paper"],
                condition=Q(state="open"),
                name="one_open_report_each",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.paper}"
