"""Note: what a reader wrote about a paper for themselves; nobody else sees it."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone

from library.models.lock import lock_papers
from papers.models import Paper

if TYPE_CHECKING:
    from accounts.models import User

MAX_NOTE_CHARS = 10_000


class NoteQuerySet(models.QuerySet["Note"]):
    def write(self, reader: "User", paper: Paper, text: str) -> None:
        """Replace this reader's note on the paper; an empty text deletes it.

        Raises Paper.DoesNotExist where the paper has been merged into another meanwhile.
        """
        if not text:
            self.filter(reader=reader, paper=paper).delete()
            return
        with transaction.atomic():
            if not lock_papers([paper]):
                raise Paper.DoesNotExist
            changed = {"text": text, "changed_at": timezone.now()}
            self.update_or_create(reader=reader, paper=paper, defaults=changed)


class Note(models.Model):
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notes")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="notes")
    text = models.TextField(max_length=MAX_NOTE_CHARS)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "paper"], name="one_note_each"),
            models.CheckConstraint(condition=~Q(text=""), name="note_has_a_text"),
        ]

    @classmethod
    def join_at_merge(cls, kept: Paper, duplicate: Paper) -> None:
        """Who has a note on both papers gets one with both texts."""
        other = cls.objects.filter(reader=OuterRef("reader"), paper=duplicate).values("text")
        of_both = cls.objects.filter(paper=kept, reader__notes__paper=duplicate)
        both_texts = Concat("text", Value("\n\n"), Subquery(other), output_field=models.TextField())
        cls.objects.filter(pk__in=of_both.values("pk")).update(text=both_texts)

    def __str__(self) -> str:
        return f"Note of {self.reader} on {self.paper}"
