"""Interest: what a reader wants to be shown, learned from papers and words that they chose.

A worker trains it (interests/training.py) and stores the weights here; pages and feeds only rank
with them (interests/ranking.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from interests.interest_model import InterestModel, main_words
from interests.models.background import StoredBackground
from papers.models import EmbeddingModel
from papers.models.claim_lease import unclaimed

MAX_NAME_CHARS = 80
MAX_WORD_CHARS = 60  # of one word, or of two or three that stand together
MAX_WORDS = 50  # that a reader adds, and that they remove
SHOWN_WORDS = 5  # of each interest in the list of all
MAX_INTERESTS = 20  # of one reader
MAX_ATTEMPTS = 5  # to train; then it waits for its next change
TRAINING_LEASE = timedelta(minutes=2)


class TooManyWords(ValueError):
    """More than MAX_WORDS would count for the interest, or against it."""


class InterestQuerySet(models.QuerySet["Interest"]):
    def of_reader(self, reader: Any) -> "InterestQuerySet":
        """Of this reader, who may be anonymous: then none. The oldest first."""
        own = self.filter(reader=reader) if reader.is_authenticated else self.none()
        return own.order_by("pk")

    def due(self, now: datetime) -> "InterestQuerySet":
        """To be trained now, and not claimed by a worker."""
        return self.filter(unclaimed(now), train_at__lte=now, attempts__lt=MAX_ATTEMPTS)

    def train_soon(self, now: datetime | None = None) -> int:
        """What these learn from has changed; how many they are."""
        return self.update(train_at=now or timezone.now(), attempts=0)

    def for_ranking(self) -> "InterestQuerySet":
        """With `background_at` and `serving_version`, in the same query."""
        background = StoredBackground.objects.filter(pk=1).values("trained_at")
        serving = EmbeddingModel.objects.filter(serving=True).values("version")
        shown: dict[str, Any] = {
            "background_at": Subquery(background),
            "serving_version": Subquery(serving),
        }
        return self.annotate(**shown)


class Interest(models.Model):
    """Examples are the papers of InterestPaper, and what the reader saves or upvotes if wished."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="interests")
    name = models.CharField(max_length=MAX_NAME_CHARS)
    learns_from_saved = models.BooleanField("papers that I save", default=False)
    learns_from_upvoted = models.BooleanField("papers that I upvote", default=False)
    # Folded as papers.search.tokenizer does. A removed word never counts, whatever the papers say.
    added_words = ArrayField(models.CharField(max_length=MAX_WORD_CHARS), default=list, blank=True)
    removed_words = ArrayField(
        models.CharField(max_length=MAX_WORD_CHARS), default=list, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)

    # The state of its training. Without `train_at` nothing has changed since the last one.
    train_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    # What it learned: a weight for each dimension of a vector, and {word: weight}.
    vector_weights = models.BinaryField(default=bytes)  # float32
    word_weights = models.JSONField(default=dict)
    embedding_version = models.CharField(max_length=100, blank=True)
    trained_at = models.DateTimeField(null=True, blank=True)  # None: there are no weights
    # The papers that count for it, [primary key, why] each, and their vectors in the same order.
    examples = models.JSONField(default=list)
    example_vectors = models.BinaryField(default=bytes)  # float16

    objects = InterestQuerySet.as_manager()

    background_at: datetime | None  # when the background in use was computed; from for_ranking
    serving_version: str | None  # of the vectors that may be compared; from for_ranking

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "name"], name="one_interest_of_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="interest_has_a_name"),
        ]
        indexes = [
            models.Index("train_at", name="interests_to_train", condition=Q(train_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("interests:interest", args=[self.pk])

    @property
    def can_rank(self) -> bool:
        """Whether it has learned something, of the vectors in use. For rows of for_ranking."""
        is_of_serving = self.embedding_version == self.serving_version
        return bool(self.vector_weights and self.background_at and is_of_serving)

    @property
    def is_waiting(self) -> bool:
        """Whether a worker is about to train it."""
        return self.train_at is not None and self.attempts < MAX_ATTEMPTS

    @property
    def main_words(self) -> list[str]:
        return main_words(self.word_weights, SHOWN_WORDS)

    @cached_property
    def model(self) -> InterestModel:
        return InterestModel(np.frombuffer(self.vector_weights, np.float32), self.word_weights)

    @cached_property
    def example_table(self) -> np.ndarray:
        """The vectors of its examples, a row each."""
        vectors = np.frombuffer(self.example_vectors, np.float16).astype(np.float32)
        return vectors.reshape(len(self.examples), len(self.model.vector_weights) - 1)

    @transaction.atomic
    def decide_on_words(
        self,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        forget: Iterable[str] = (),
    ) -> None:
        """Let words count for it, against it, or as the papers say. Again changes nothing.

        Words are as `as_word` writes them. Raises TooManyWords.
        """
        row = Interest.objects.select_for_update(no_key=True).get(pk=self.pk)
        decided = {*(add := list(add)), *(remove := list(remove)), *forget}
        added = [word for word in row.added_words if word not in decided]
        removed = [word for word in row.removed_words if word not in decided]
        self.added_words = list(dict.fromkeys([*added, *add]))
        self.removed_words = list(dict.fromkeys([*removed, *remove]))
        if max(len(self.added_words), len(self.removed_words)) > MAX_WORDS:
            raise TooManyWords
        self.save(update_fields=["added_words", "removed_words"])
        Interest.objects.filter(pk=self.pk).train_soon()

    def claim(self, now: datetime) -> bool:
        """Take a lease by compare-and-set: of two workers, one gets True."""
        self.lease_until = now + TRAINING_LEASE
        due = Interest.objects.due(now).filter(pk=self.pk, train_at=self.train_at)
        return due.update(lease_until=self.lease_until, attempts=F("attempts") + 1) == 1

    def finish_training(self, **learned: Any) -> None:
        """Store what was learned and end the lease. What changed meanwhile is trained again."""
        claimed = Interest.objects.filter(pk=self.pk, lease_until=self.lease_until)
        claimed.update(lease_until=None, attempts=0, **learned)
        Interest.objects.filter(pk=self.pk, train_at=self.train_at).update(train_at=None)
