"""Mute: papers of a topic, by an author or with a word that a reader wants folded away."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from following.models.subject import Subject, SubjectQuerySet

if TYPE_CHECKING:
    from accounts.models import User

MAX_MUTES = 200  # of one reader


class MuteQuerySet(SubjectQuerySet):
    def of_reader(self, reader: Any) -> "MuteQuerySet":
        """With the topics, in the same query."""
        return super().of_reader(reader).select_related("topic")

    def by_reader(self, reader_ids: Collection[int]) -> dict[int, list["Mute"]]:
        """Those of many readers, by the reader's key; without readers no query."""
        found: dict[int, list[Mute]] = {key: [] for key in reader_ids}
        if found:
            for mute in self.filter(reader__in=reader_ids).select_related("topic"):
                found[mute.reader_id].append(mute)
        return found

    def has_room(self, reader: "User") -> bool:
        return self.filter(reader=reader).count() < MAX_MUTES


class Mute(Subject):
    class What(models.TextChoices):
        TOPIC = "topic", "topic"
        WORD = "word", "word"
        AUTHOR = "author", "author"

    what = models.CharField(max_length=12, choices=What)

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "what", "topic", "folded"],
                name="one_mute_of_each",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(what="topic", topic__isnull=False, words="")
                | (Q(what__in=["word", "author"], topic=None) & ~Q(folded="")),
                name="mute_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader} mutes {self.title}"

    @property
    def title(self) -> str:
        if self.what == self.What.TOPIC and self.topic:
            return self.topic.name
        return f"“{self.words}”" if self.what == self.What.WORD else self.words
