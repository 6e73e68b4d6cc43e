"""TrainedModel: a model that a worker trains on this site's own papers, and when it does so again.

One row a table. TrainedVoteModel and TrainedTopicModel have what each learns.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models
from django.utils import timezone

from papers.models.embedding import EmbeddingModel
from papers.models.site_day import next_midnight

# A training that a worker did not end, or that found few papers.
RETRY_AFTER = timedelta(minutes=10)

Model = TypeVar("Model", bound="TrainedModel")


class TrainedModelManager(models.Manager[Model]):
    def current(self) -> Model:
        """The only row, untrained on a new site."""
        due = timezone.now() - RETRY_AFTER  # also by the time of a caller that read it before
        return self.get_or_create(pk=1, defaults={"next_training_at": due})[0]

    def claim(self, now: datetime) -> bool:
        """Whether this worker is to train it now; another may try after RETRY_AFTER."""
        due = self.filter(next_training_at__lte=now)
        return due.update(next_training_at=now + RETRY_AFTER) == 1

    def train_soon(self, now: datetime | None = None) -> None:
        """What it was trained on has changed."""
        self.update(next_training_at=now or timezone.now())

    def train_again_next_night(self, now: datetime) -> None:
        """After midnight; without a model again soon, as papers may be imported at any time.

        `now` is that of the claim. What train_soon() has planned since then stays.
        """
        claimed = self.filter(next_training_at=now + RETRY_AFTER)
        claimed.exclude(trained_at=None).update(next_training_at=next_midnight(now))


class TrainedModel(models.Model):
    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_training_at = models.DateTimeField(default=timezone.now)
    trained_at = models.DateTimeField(null=True, blank=True)  # None: there are no weights
    embedding_version = models.CharField(max_length=100, blank=True)
    papers = models.PositiveIntegerField(default=0)  # it was trained on

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"trained on {self.papers:,} papers" if self.trained_at else "untrained"

    def is_of_serving_vectors(self) -> bool:
        """Whether it is trained, on vectors of the version that searches compare."""
        if self.trained_at is None:
            return False
        return self.embedding_version == EmbeddingModel.objects.serving_version()
