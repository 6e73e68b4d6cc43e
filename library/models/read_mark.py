"""ReadMark: a reader opened the page of a paper, at most one for each reader and paper."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from library.models.lock import lock_papers
from papers.models import Paper

if TYPE_CHECKING:
    from accounts.models import User


class ReadMarkQuerySet(models.QuerySet["ReadMark"]):
    def of_reader(self, reader: Any) -> "ReadMarkQuerySet":
        """Of this reader, who may be anonymous: then none."""
        return self.filter(reader=reader) if reader.is_authenticated else self.none()

    @transaction.atomic
    def add(self, reader: "User", paper: Paper) -> None:
        """Mark this paper as read. Again changes nothing: the first time counts."""
        marks = [ReadMark(reader=reader, paper_id=key) for key in lock_papers([paper])]
        self.bulk_create(marks, ignore_conflicts=True)

    def remove(self, reader: "User", paper: Paper) -> None:
        """Again changes nothing."""
        self.filter(reader=reader, paper=paper).delete()


class ReadMark(models.Model):
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="read_marks")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="read_marks")
    read_at = models.DateTimeField(default=timezone.now)

    objects = ReadMarkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "paper"], name="one_read_mark_each")
        ]
        indexes = [models.Index(F("reader"), F("id").desc(), name="read_marks_of_reader")]

    def __str__(self) -> str:
        return f"{self.paper}, read by {self.reader}"
