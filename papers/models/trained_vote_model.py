"""TrainedVoteModel: the model of this site that predicts votes.

papers/vote_model.py has the mathematics, papers/expected_votes.py trains and uses it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from papers.models.trained_model import TrainedModel, TrainedModelManager


class TrainedVoteModel(TrainedModel):
    voted_papers = models.PositiveIntegerField(default=0)  # that the last training found
    accuracy = models.FloatField(null=True, blank=True)  # on papers held out; 0.5 is chance
    means = ArrayField(models.FloatField(), default=list, blank=True)
    weights = ArrayField(models.FloatField(), default=list, blank=True)

    objects = TrainedModelManager["TrainedVoteModel"]()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_trained_vote_model")]

    def forget(self) -> None:
        """Drop the weights."""
        self.trained_at, self.accuracy, self.means, self.weights = None, None, [], []
        self.save(update_fields=["trained_at", "accuracy", "means", "weights"])
