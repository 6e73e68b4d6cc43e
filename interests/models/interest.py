"""Interest: what a reader wants to be shown, learned from papers and words that they chose.

A worker trains it (interests/training.py) and stores the weights here; pages and feeds only rank
with them (interests/ranking.py).
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from interests.interest_model import InterestModel
from papers.models import EmbeddingModel
from papers.models.claim_lease import unclaimed

MAX_NAME_CHARS = 80
MAX_WORD_CHARS = 60  # of one word, or of two or three that stand together
MAX_WORDS = 50  # that a reader adds, and that they remove
MAX_INTERESTS = 20  # of one reader
MAX_ATTEMPTS = 5  # to train; then it waits for its next change
TRAINING_LEASE = timedelta(minutes=2)


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

    def trained(self) -> "InterestQuerySet":
        """Those that have learned something, of the vectors that searches compare."""
        serving = EmbeddingModel.objects.filter(serving=True).values("version")
        return self.filter(embedding_version__in=serving).exclude(vector_weights=b"")


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

    @cached_property
    def model(self) -> InterestModel:
        return InterestModel(np.frombuffer(self.vector_weights, np.float32), self.word_weights)

    @cached_property
    def example_table(self) -> np.ndarray:
        """The vectors of its examples, a row each."""
        vectors = np.frombuffer(self.example_vectors, np.float16).astype(np.float32)
        return vectors.reshape(len(self.examples), len(self.model.vector_weights) - 1)

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
