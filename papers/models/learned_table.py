"""LearnedTable: a table of word vectors trained on this site. WordTraining: its last training.

In the database, so that the workers and web servers of all hosts use the same one.
papers/search/learn_words.py trains; papers/search/vector_models.py says which table is used where.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from papers.models.claim_lease import lease, unclaimed
from papers.models.embedding import EmbeddingModel

MAX_ATTEMPTS = 3


class LearnedTableQuerySet(models.QuerySet["LearnedTable"]):
    def newest_version(self, shipped_version: str) -> str:
        """Of the tables trained from this shipped one; empty if there is none."""
        trained = self.filter(shipped_version=shipped_version).order_by("pk")
        return trained.values_list("version", flat=True).last() or ""

    def delete_unused(self) -> None:
        """Delete all but the newest and the one whose vectors searches compare."""
        newest = self.order_by("pk").values("version").reverse()[:1]
        used = Q(version__in=newest) | Q(version=EmbeddingModel.objects.serving_version())
        self.exclude(used).delete()


class LearnedTable(models.Model):
    """What the files of papers/search/word_table hold, and where its training began."""

    version = models.CharField(max_length=100, unique=True)
    shipped_version = models.CharField(max_length=100)
    words = models.TextField()  # one a line
    rows = models.BinaryField()  # int8, 256 of each word
    scales = models.BinaryField()  # float32, one of each word
    unknown_norm = models.FloatField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = LearnedTableQuerySet.as_manager()

    def __str__(self) -> str:
        return self.version


class WordTrainingManager(models.Manager["WordTraining"]):
    def current(self) -> "WordTraining":
        """The only row, untrained on a new site."""
        return self.get_or_create(pk=1)[0]

    def claim(self, now: datetime) -> "WordTraining | None":
        """The row, if this process is to train now; another may try when the lease is over."""
        free = self.filter(unclaimed(now), pk=self.current().pk)
        if not free.update(lease_until=now + lease(), attempts=F("attempts") + 1):
            return None
        return self.get(lease_until=now + lease())


class WordTraining(models.Model):
    """The last training of this site's papers, whether or not its table was kept."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("tries since the last that ended", default=0)
    trained_at = models.DateTimeField(null=True, blank=True)
    papers = models.PositiveIntegerField("papers of the site at that time", default=0)
    shipped_version = models.CharField(max_length=100, blank=True)
    questions = models.PositiveIntegerField(default=0)
    found_before = models.PositiveIntegerField(default=0)  # with the table in use until then
    found = models.PositiveIntegerField(default=0)  # with the new one

    objects = WordTrainingManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_word_training")]

    def __str__(self) -> str:
        return f"{self.found:,} of {self.questions:,} found, {self.found_before:,} before"

    @property
    def is_kept(self) -> bool:
        return self.found > self.found_before

    def is_due(self, papers: int, min_papers: int, shipped_version: str, now: datetime) -> bool:
        """The papers have doubled since the last training, or a release has another table."""
        if self.attempts >= MAX_ATTEMPTS or (self.lease_until and self.lease_until > now):
            return False
        if self.shipped_version != shipped_version:
            return papers >= min_papers
        return papers >= max(min_papers, 2 * self.papers)

    def finish(self, now: datetime) -> bool:
        """Save what the training found; False if the lease has ended and another has begun."""
        claimed = WordTraining.objects.filter(lease_until=self.lease_until)
        self.lease_until, self.attempts, self.trained_at = None, 0, now
        values = {field.name: getattr(self, field.name) for field in self._meta.fields}
        return claimed.update(**values) == 1
