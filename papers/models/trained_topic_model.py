"""TrainedTopicModel: the model of this site that finds topics by meaning; and papers it waits for.

papers/topic_model.py has the mathematics, papers/topics_by_meaning.py trains and uses it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q

from papers.models.trained_model import TrainedModel, TrainedModelManager


class TrainedTopicModel(TrainedModel):
    # What each topic's categories were, by primary key; the columns of weights are in this order.
    rules = models.JSONField(default=list, blank=True)
    precision = models.FloatField(null=True, blank=True)  # on papers held out
    recall = models.FloatField(null=True, blank=True)
    weights = ArrayField(ArrayField(models.FloatField()), default=list, blank=True)
    thresholds = ArrayField(models.FloatField(), default=list, blank=True)

    objects = TrainedModelManager["TrainedTopicModel"]()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_trained_topic_model")]


class TopicJobQuerySet(models.QuerySet["TopicJob"]):
    def queue_all(self) -> None:
        """Find topics, again if it was done, for all papers without categories."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO papers_topicjob (paper_id)
                SELECT id FROM papers_paper WHERE categories = '{}' ORDER BY id
                ON CONFLICT DO NOTHING
                """
            )


class TopicJob(models.Model):
    """A paper without categories that waits for topics by meaning.

    PaperEmbeddingQuerySet.store() adds the row with the paper's vector.
    """

    paper = models.OneToOneField("papers.Paper", models.CASCADE, primary_key=True, related_name="+")

    objects = TopicJobQuerySet.as_manager()

    class Meta:
        verbose_name = "paper without topics"
        verbose_name_plural = "papers without topics"

    def __str__(self) -> str:
        return f"topics of {self.pk}"
