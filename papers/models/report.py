"""Report: a reader says that something is wrong with a paper; a curator decides.

Reports of lists and comments, in their own apps, are stored in the same way.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User

MAX_WORDS_CHARS = 500
MAX_REPORTS_A_DAY = 20  # of one reader, on things of one kind

AnyReport = TypeVar("AnyReport", bound=models.Model)


class TooManyReports(Exception):
    """The reader has made as many reports as a day allows."""


class ReaderReportQuerySet(models.QuerySet[AnyReport]):
    """Reports with `reporter`, `created_at`, `decided_at`; of each reader one is open on a thing.

    A constraint of the table says the last.
    """

    def open(self) -> "ReaderReportQuerySet[AnyReport]":
        """Those that no curator has decided."""
        return self.filter(decided_at=None)

    @transaction.atomic
    def add(self, reporter: User, now: datetime, **report: Any) -> bool:
        """Store a report: what it is on, and what it says. Raises TooManyReports.

        False where a report of this reader on the same thing is still open: that one stays.
        """
        reporter.lock()
        recent = self.filter(reporter=reporter, created_at__gt=now - timedelta(days=1))
        if recent.count() >= MAX_REPORTS_A_DAY:
            raise TooManyReports
        try:
            with transaction.atomic():
                self.create(reporter=reporter, created_at=now, **report)
        except IntegrityError:
            return False
        return True


class ReportQuerySet(ReaderReportQuerySet["Report"]):
    def decide(self, state: "Report.State", curator: User) -> int:
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
