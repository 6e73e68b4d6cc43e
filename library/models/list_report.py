"""ListReport: a reader says that a list should not be public; a curator decides."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from library.models.reading_list import ReadingList
from papers.models.report import MAX_WORDS_CHARS, ReaderReportQuerySet


class ListReport(models.Model):
    reading_list = models.ForeignKey(ReadingList, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_reports"
    )
    words = models.CharField(max_length=MAX_WORDS_CHARS)
    created_at = models.DateTimeField("when", default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ReaderReportQuerySet["ListReport"].as_manager()

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
