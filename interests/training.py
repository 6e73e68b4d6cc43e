"""Trains the interests of readers; run by a worker, never on a request: some milliseconds each."""

from datetime import datetime

import numpy as np
from django.db.models import Exists, OuterRef, Q

from interests import examples, interest_model, site_background
from interests.models import Interest, StoredBackground
from library.models import Save
from papers.models import Upvote

MAX_QUEUED = 500  # interests that one sweep finds due


def due(now: datetime) -> list[Interest]:
    """Interests to train: changed by their readers, who may also have saved or upvoted more."""
    reader, trained_at = OuterRef("reader"), OuterRef("trained_at")
    saves = Save.objects.filter(reader=reader, saved_at__gt=trained_at)
    upvotes = Upvote.objects.active().filter(user=reader, created_at__gt=trained_at)
    has_more = Q(Exists(saves), learns_from_saved=True)
    has_more |= Q(Exists(upvotes), learns_from_upvoted=True)
    Interest.objects.filter(has_more, train_at=None).train_soon(now)
    return list(Interest.objects.due(now).order_by("train_at")[:MAX_QUEUED])


def train(interest: Interest, now: datetime) -> None:
    """Train an interest that is due. Again, or in two workers, does no harm.

    Before the site has papers with vectors nothing is learned; a later sweep tries again.
    """
    if StoredBackground.objects.newest() is None:
        site_background.update(now)
        interest.refresh_from_db()  # which made every interest due
    background = StoredBackground.objects.newest()
    if background is None or not interest.claim(now):
        return
    reasons = examples.papers_for(interest)
    keys, liked = examples.read(background, reasons, interest.added_words)
    _, disliked = examples.read(
        background, examples.papers_against(interest), interest.removed_words
    )
    model = interest_model.train(
        background, liked, disliked, interest.added_words, interest.removed_words
    )
    interest.finish_training(
        trained_at=now,
        embedding_version=background.version,
        vector_weights=model.vector_weights.tobytes(),
        word_weights=model.word_weights,
        examples=[[key, reasons[key]] for key in keys],
        example_vectors=liked.vectors[: len(keys)].astype(np.float16).tobytes(),
    )
