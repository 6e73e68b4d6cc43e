"""TrainedVoteModel: the model of this site that predicts votes, and when it is trained again.

papers/vote_model.py has the mathematics, papers/expected_votes.py trains and uses it.
"""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

# A training that a worker did not end, or that found few papers.
RETRY_AFTER = timedelta(minutes=10)


class TrainedVoteModelManager(models.Manager["TrainedVoteModel"]):
    def current(self) -> "TrainedVoteModel":
        """The only row, untrained on a new site."""
        due = timezone.now() - RETRY_AFTER  # also by the time of a caller that read it before
        return self.get_or_create(pk=1, defaults={"next_training_at": due})[0]

    def is_due(self, now: datetime) -> bool:
        return self.current().next_training_at <= now

    def claim(self, now: datetime) -> bool:
        """Whether this worker is to train it now; another may try after RETRY_AFTER."""
        due = self.filter(next_training_at__lte=now)
        return due.update(next_training_at=now + RETRY_AFTER) == 1

    def train_soon(self) -> None:
        """Vectors or features have changed: its weights mean nothing any more."""
        self.update(next_training_at=timezone.now())


class TrainedVoteModel(models.Model):
    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_training_at = models.DateTimeField(default=timezone.now)
    voted_papers = models.PositiveIntegerField(default=0)  # that the last training found
    trained_at = models.DateTimeField(null=True, blank=True)  # None: there are no weights
    embedding_version = models.CharField(max_length=100, blank=True)
    papers = models.PositiveIntegerField(default=0)  # it was trained on
    accuracy = models.FloatField(null=True, blank=True)  # on papers held out; 0.5 is chance
    means = ArrayField(models.FloatField(), default=list, blank=True)
    weights = ArrayField(models.FloatField(), default=list, blank=True)

    objects = TrainedVoteModelManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_trained_vote_model")]

    def __str__(self) -> str:
        return f"trained on {self.papers:,} papers" if self.trained_at else "untrained"

    def forget(self) -> None:
        """Drop the weights."""
        self.trained_at, self.accuracy, self.means, self.weights = None, None, [], []
        self.save(update_fields=["trained_at", "accuracy", "means", "weights"])
