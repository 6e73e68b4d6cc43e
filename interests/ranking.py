"""Ranks papers by the interests of a reader, and says why each stands where it does.

PostgreSQL finds the papers whose vectors fit best, then their words are weighed too. Nothing is
trained here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet, Value
from django.db.models.functions import Greatest
from pgvector.django import MaxInnerProduct

from interests.interest_model import main_words
from interests.models import Interest, StoredBackground
from papers.models import PaperEmbedding
from papers.models.paper_queries import PaperQuerySet

MAX_COMPARED = 300  # papers whose words are weighed: those whose vectors fit best
MIN_SCORE = 0.1  # 1 is what the examples get on average, 0 what any paper gets
SHOWN_EXAMPLES, SHOWN_WORDS = 2, 3


@dataclass(frozen=True)
class Match:
    """A paper, and why a reader may like it."""

    paper: int  # its primary key
    interest: Interest
    score: float
    like: list[tuple[int, str]]  # the examples that are most alike: primary key, why it counts
    words: list[str]


def rank(interests: Sequence[Interest], papers: PaperQuerySet, limit: int) -> list[Match]:
    """The best of these papers for any of these interests, the best first.

    The interests are from `for_ranking`; those that have learned nothing yet are left out.
    A paper that several of them find is of the one that gives it the highest score.
    """
    interests = [interest for interest in interests if interest.can_rank]
    if not interests or not (background_at := interests[0].background_at):
        return []
    background = StoredBackground.objects.of(background_at)
    rows = list(_best_by_vectors(interests, papers))
    if not rows:
        return []
    vectors = np.array([vector for _, vector, *_ in rows], np.float32)
    added = {word for interest in interests for word in interest.added_words}
    words = [background.word_features(f"{title}. {text}", added) for *_, title, text in rows]
    scores = np.array([interest.model.scores(vectors, words) for interest in interests])
    best = scores.max(axis=0)
    matches = []
    for at in np.argsort(-best, kind="stable")[:limit]:
        interest = interests[int(scores[:, at].argmax())]
        if best[at] >= MIN_SCORE:
            like = _most_alike(interest, vectors[at])
            shown = main_words(interest.model.word_parts(words[at]), SHOWN_WORDS)
            matches.append(Match(rows[at][0], interest, float(best[at]), like, shown))
    return matches


def _best_by_vectors(interests: Sequence[Interest], papers: PaperQuerySet) -> "QuerySet[Any, Any]":
    """Primary key, vector, title, abstract of the MAX_COMPARED best by the vectors alone."""
    scores = [
        Value(float(weights[-1])) - MaxInnerProduct("vector", weights[:-1])
        for weights in (interest.model.vector_weights for interest in interests)
    ]
    score = Greatest(*scores) if len(scores) > 1 else scores[0]
    rows = PaperEmbedding.objects.serving().filter(paper__in=papers.order_by().values("pk"))
    columns = ("paper_id", "vector", "paper__found_by__title", "paper__found_by__abstract")
    return rows.order_by(score.desc(), "-paper").values_list(*columns)[:MAX_COMPARED]


def _most_alike(interest: Interest, vector: np.ndarray) -> list[tuple[int, str]]:
    likeness = interest.example_table @ vector
    best = np.argsort(-likeness, kind="stable")[:SHOWN_EXAMPLES]
    return [tuple(interest.examples[at]) for at in best]
