"""StoredBackground: what the papers of this site are like, by which interests are trained.

One row, computed every night by interests/site_background.py from the newest papers.
"""

from datetime import datetime
from functools import lru_cache

import numpy as np
from django.db import models

from interests.interest_model import Background
from papers.models.trained_model import TrainedModel, TrainedModelManager


class StoredBackgroundManager(TrainedModelManager["StoredBackground"]):
    def newest(self) -> Background | None:
        """None before there is one."""
        trained_at = self.values_list("trained_at", flat=True).first()
        return self.of(trained_at) if trained_at else None

    def of(self, trained_at: datetime) -> Background:
        """That of the row which was computed at this time, or of one which replaced it."""
        return _read(trained_at)


class StoredBackground(TrainedModel):
    mean = models.BinaryField(default=bytes)  # float32, as `precision`, row by row
    precision = models.BinaryField(default=bytes)
    word_papers = models.JSONField(default=dict)

    objects = StoredBackgroundManager()

    def store(self, background: Background, now: datetime) -> None:
        self.trained_at = now
        self.mean = background.mean.astype(np.float32).tobytes()
        self.precision = background.precision.astype(np.float32).tobytes()
        self.word_papers = background.word_papers
        self.papers, self.embedding_version = background.papers, background.version
        fields = ["mean", "precision", "word_papers", "papers", "embedding_version", "trained_at"]
        self.save(update_fields=fields)

    def read(self) -> Background:
        mean = np.frombuffer(self.mean, np.float32)
        precision = np.frombuffer(self.precision, np.float32).reshape(len(mean), len(mean))
        version = self.embedding_version
        return Background(version, mean, precision, self.papers, self.word_papers)


@lru_cache(maxsize=1)
def _read(trained_at: datetime) -> Background:
    """A megabyte, read once in each process and night."""
    return StoredBackground.objects.get(pk=1).read()
