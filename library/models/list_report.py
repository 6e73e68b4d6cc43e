"""ListReport: a reader says that a list should not be public; a curator decides."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from library.models.reading_list import ReadingList

if TYPE_CHECKING:
    from accounts.models import User

MAX_WORDS_CHARS = 500
MAX_REPORTS_A_DAY = 20  # of one reader


class ListReportQuerySet(models.QuerySet["ListReport"]):
    def open(self) -> "ListReportQuerySet":
        """Those that no curator has decided."""
        return self.filter(decided_at=None)

    def is_limit_reached(self, reporter: "User", now: datetime) -> bool:
        recent = self.filter(reporter=reporter, created_at__gt=now - timedelta(days=1))
        return recent.count() >= MAX_REPORTS_A_DAY

    def add(self, reading_list: ReadingList, reporter: "User", words: str) -> bool:
        """False where a report of this reader on this list is still open: that one stays."""
        try:
            with transaction.atomic():
                self.create(reading_list=reading_list, reporter=reporter, words=words)
        except IntegrityError:
            return False
        return True


class ListReport(models.Model):
    reading_list = models.ForeignKey(ReadingList, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_reports"
    )
    words = models.CharField(max_length=MAX_WORDS_CHARS)
    created_at = models.DateTimeField("when", default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ListReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "reading_list"],
                condition=Q(decided_at=None),
                name="one_open_report_on_a_list",
            )
        ]

    def __str__(self) -> str:
        return self.words
