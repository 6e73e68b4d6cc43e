"""Computes what the papers of this site are like, which all interests share; run by a worker.

Once a night and when the vectors change. Then every interest is trained again, which also lets go
what its reader no longer keeps.
"""

from datetime import datetime

import numpy as np

from interests.interest_model import Background
from interests.models import Interest, StoredBackground
from papers.models import PaperEmbedding

MAX_PAPERS = 10_000  # the newest


def is_due(now: datetime) -> bool:
    """Whether to compute it; only where somebody has an interest."""
    if not Interest.objects.exists():
        return False
    row = StoredBackground.objects.current()
    return row.next_training_at <= now or _has_other_vectors(row)


def update(now: datetime) -> None:
    """Compute it if that is due. Again, or in two workers, does no harm."""
    row = StoredBackground.objects.current()
    if _has_other_vectors(row):
        StoredBackground.objects.train_soon(now)
    if StoredBackground.objects.claim(now):
        if background := _of_newest_papers():
            row.store(background, now)
            Interest.objects.all().train_soon(now)
        StoredBackground.objects.train_again_next_night(now)


def _has_other_vectors(row: StoredBackground) -> bool:
    return row.trained_at is not None and not row.is_of_serving_vectors()


def _of_newest_papers() -> Background | None:
    """None before there are vectors."""
    columns = ("vector", "paper__found_by__title", "paper__found_by__abstract", "model__version")
    newest = PaperEmbedding.objects.serving().order_by("-paper").values_list(*columns)
    rows = list(newest[:MAX_PAPERS])
    if not rows:
        return None
    vectors = np.array([vector for vector, *_ in rows], np.float32)
    texts = (f"{title}. {abstract}" for _, title, abstract, _ in rows)
    return Background.of(vectors, texts, version=rows[0][-1])
