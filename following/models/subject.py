"""What follows and mutes have in common: a reader chose a topic, or something by its words."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from papers.identifiers import fold_name
from papers.models import Topic

if TYPE_CHECKING:
    from accounts.models import User

MAX_WORDS_CHARS = 300


def fold_words(what: str, words: str) -> str:
    """The form in which two are compared: a search by its signs, all others by their letters."""
    return " ".join(words.split()).casefold() if what == "search" else fold_name(words)


class SubjectQuerySet(models.QuerySet[Any]):
    def of_reader(self, reader: Any) -> Self:
        """Of this reader, who may be anonymous: then none. The newest first."""
        own = self.filter(reader=reader) if reader.is_authenticated else self.none()
        return own.order_by("-pk")

    def add(self, reader: "User", **subject: Any) -> None:
        """Again changes nothing; nor does another spelling of the same name."""
        subject["folded"] = fold_words(subject["what"], subject.get("words", ""))
        self.bulk_create([self.model(reader=reader, **subject)], ignore_conflicts=True)

    def remove(self, reader: "User", key: int) -> None:
        """By primary key, if it is this reader's. Again changes nothing."""
        self.filter(reader=reader, pk=key).delete()


class Subject(models.Model):
    """`what` says which of the columns is filled."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="%(class)ss")
    topic = models.ForeignKey(Topic, models.CASCADE, null=True, related_name="%(class)ss")
    words = models.CharField(max_length=MAX_WORDS_CHARS, blank=True)  # as the reader wrote them
    folded = models.CharField(max_length=2 * MAX_WORDS_CHARS, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    what: Any  # a field of each of them, as each has its own kinds

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        """By which a button finds it: the slug of its topic, or the folded words."""
        return self.topic.slug if self.topic else self.folded
