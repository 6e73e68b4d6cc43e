"""Save: a paper that a reader bookmarked, at most once for each reader and paper."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from library.models.lock import lock_papers
from papers.models import Paper

if TYPE_CHECKING:
    from accounts.models import User


class SaveQuerySet(models.QuerySet["Save"]):
    def of_reader(self, reader: Any) -> "SaveQuerySet":
        """Of this reader, who may be anonymous: then none."""
        return self.filter(reader=reader) if reader.is_authenticated else self.none()

    @transaction.atomic
    def add(self, reader: "User", papers: Iterable[Paper]) -> None:
        """Save these papers. Again changes nothing; the first of them counts as saved last."""
        now = timezone.now()
        saves = [
            Save(reader=reader, paper_id=key, saved_at=now) for key in reversed(lock_papers(papers))
        ]
        self.bulk_create(saves, ignore_conflicts=True)

    def remove(self, reader: "User", paper: Paper) -> None:
        """Again changes nothing."""
        self.filter(reader=reader, paper=paper).delete()


class Save(models.Model):
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saves")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="saves")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = SaveQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "paper"], name="one_save_each")]
        indexes = [models.Index(F("reader"), F("id").desc(), name="saves_of_reader")]

    def __str__(self) -> str:
        return f"{self.paper}, saved by {self.reader}"
