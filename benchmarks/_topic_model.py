"""Learns from papers whose topics are known which topics a vector belongs to.

A linear model for each topic (ridge regression on whether a paper is in it). A topic's threshold is
the lowest score above which at least PRECISION of the papers held out were in the topic. A topic
with fewer than MIN_PAPERS, or that never reaches this precision, gets no paper.

benchmarks/topics.py measures it. It is here, and not in papers/, until it finds enough of them.
"""

from dataclasses import dataclass

import numpy as np

MIN_PAPERS = 50  # known to be in a topic; from fewer nothing is learned
PRECISION = 0.85
MIN_ABOVE = 10  # papers above a threshold: among fewer, precision is chance
PENALTY = 1.0
FOLDS, SEED = 5, 1


@dataclass(frozen=True, slots=True)
class TopicModel:
    weights: np.ndarray  # (dimensions + 1, topics); the last row is a constant
    thresholds: np.ndarray  # of each topic; infinite where it gets no paper

    def topics(self, vectors: np.ndarray) -> np.ndarray:
        """Whether each vector (row) belongs to each topic (column)."""
        belongs: np.ndarray = _with_constant(vectors) @ self.weights >= self.thresholds
        return belongs


def train(vectors: np.ndarray, is_in: np.ndarray) -> TopicModel:
    """`is_in` says whether each paper (row) is known to be in each topic (column)."""
    scores = np.zeros(is_in.shape)
    for held_out in folds(len(vectors)):
        weights = _weights(vectors[~held_out], is_in[~held_out])
        scores[held_out] = _with_constant(vectors[held_out]) @ weights
    thresholds = [_threshold(*column) for column in zip(scores.T, is_in.T, strict=True)]
    return TopicModel(_weights(vectors, is_in), np.array(thresholds))


def folds(papers: int) -> list[np.ndarray]:
    """FOLDS masks; each paper is held out in one of them, the same in every run."""
    fold_of = np.random.default_rng(SEED).permutation(papers) % FOLDS
    return [fold_of == fold for fold in range(FOLDS)]


def _weights(vectors: np.ndarray, is_in: np.ndarray) -> np.ndarray:
    rows = _with_constant(vectors)
    penalties = np.full(rows.shape[1], PENALTY)
    penalties[-1] = 1e-6  # the constant is the share of a topic
    return np.linalg.solve(rows.T @ rows + np.diag(penalties), rows.T @ is_in)


def _threshold(scores: np.ndarray, is_in: np.ndarray) -> float:
    if is_in.sum() < MIN_PAPERS:
        return float("inf")
    order = np.argsort(-scores)
    precisions = np.cumsum(is_in[order]) / np.arange(1, len(order) + 1)
    precise = np.flatnonzero(precisions[MIN_ABOVE - 1 :] >= PRECISION)
    return float(scores[order[precise[-1] + MIN_ABOVE - 1]]) if len(precise) else float("inf")


def _with_constant(vectors: np.ndarray) -> np.ndarray:
    return np.column_stack([vectors.astype(np.float64), np.ones(len(vectors))])
