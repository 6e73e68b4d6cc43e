"""Learns from papers whose topics are known which topics another paper is in.

A linear model for each topic (ridge regression on whether a paper is in it). Its features are the
paper's vector, and for each topic how often earlier papers of the same authors were in it: whether
a paper on learning is filed under vision alone or under learning too is a habit of its authors.

Each topic has a threshold on its score. All are chosen together, on scores of papers held out, so
that they find the most pairs of a paper and a topic while PRECISION of the pairs are right.

papers/topics_by_meaning.py trains and uses it on a site; benchmarks/topics.py measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

MIN_PAPERS = 300  # with known topics; from fewer nothing is learned
MIN_TOPIC_PAPERS = 50  # known to be in a topic; with fewer it gets no other paper
PRECISION = 0.85  # of all pairs
MIN_TOPIC_PRECISION = 0.6  # of the pairs of each topic
MIN_ABOVE = 10  # papers above a threshold: among fewer, precision is chance
PENALTY = 4.0  # of the ridge regression; a vector has length one, so that its numbers are small
# Papers with the usual topics that the mean of a paper's authors includes, so that one says little.
SHRINKAGE = 2
MAX_AUTHORS = 60  # of a paper: those of a large collaboration all say the same
FOLDS, SEED = 5, 1
BISECTIONS = 40

Names = Sequence[Sequence[str]]  # the folded names of the authors of each paper


@dataclass(frozen=True, slots=True)
class KnownPapers:
    """Papers whose topics are known."""

    vectors: np.ndarray  # (papers, dimensions)
    authors: Names
    is_in: np.ndarray  # bool (papers, topics)

    def chosen(self, mask: np.ndarray) -> "KnownPapers":
        authors = list(compress(self.authors, mask))
        return KnownPapers(self.vectors[mask], authors, self.is_in[mask])


@dataclass(frozen=True, slots=True)
class TopicModel:
    weights: np.ndarray  # (features + 1, topics); the last row is a constant
    thresholds: np.ndarray  # of each topic; infinite where it gets no paper
    precision: float = 0.0  # on papers held out, of all topics together
    recall: float = 0.0

    def topics(self, vectors: np.ndarray, past: np.ndarray) -> np.ndarray:
        """Whether each paper (row) is in each topic (column); `past` is from PastTopics."""
        belongs: np.ndarray = _features(vectors, past) @ self.weights >= self.thresholds
        return belongs


def train(known: KnownPapers) -> TopicModel:
    scores = _held_out_scores(known)
    thresholds = choose_thresholds(scores, known.is_in)
    found = scores >= thresholds
    right = (found & known.is_in).sum()
    return TopicModel(
        _weights(known),
        thresholds,
        precision=float(right / max(found.sum(), 1)),
        recall=float(right / max(known.is_in.sum(), 1)),
    )


def folds(papers: int) -> list[np.ndarray]:
    """FOLDS masks; each paper is held out in one of them, the same in every run."""
    fold_of = np.random.default_rng(SEED).permutation(papers) % FOLDS
    return [fold_of == fold for fold in range(FOLDS)]


# --- Features and weights ---


class PastTopics:
    """How often the known papers of each author were in each topic."""

    def __init__(self, authors: Names, is_in: np.ndarray) -> None:
        self.authors, self.is_in = authors, is_in
        self.shares: np.ndarray = is_in.mean(axis=0)
        self.numbers: dict[str, int] = {}
        for names in authors:
            for name in names[:MAX_AUTHORS]:
                self.numbers.setdefault(name, len(self.numbers))
        rows, names_of_rows = self._mentions(authors)
        self.counts = np.bincount(names_of_rows, minlength=len(self.numbers))
        self.in_topic = np.zeros((len(self.numbers), is_in.shape[1]))
        np.add.at(self.in_topic, names_of_rows, is_in[rows])

    def of_papers(self, authors: Names) -> np.ndarray:
        """For each paper and topic the share of its authors' known papers, minus that of all.

        0 where none of the authors is known.
        """
        return self._means(authors, np.zeros((len(authors), len(self.shares))), 0)

    def of_known(self) -> np.ndarray:
        """The same for the known papers, where no paper counts for itself."""
        return self._means(self.authors, self.is_in, 1)

    def _means(self, authors: Names, own: np.ndarray, own_count: int) -> np.ndarray:
        rows, names = self._mentions(authors)
        sums = np.zeros(own.shape)
        np.add.at(sums, rows, self.in_topic[names] - own[rows])
        counts = np.bincount(rows, self.counts[names] - own_count, minlength=len(authors))[:, None]
        means = (sums + SHRINKAGE * self.shares) / (counts + SHRINKAGE)
        past: np.ndarray = means - self.shares
        return past

    def _mentions(self, authors: Names) -> tuple[np.ndarray, np.ndarray]:
        """Two columns, a row for each known name of a paper: the paper's row, the name's number."""
        found = [
            (row, self.numbers[name])
            for row, names in enumerate(authors)
            for name in dict.fromkeys(names[:MAX_AUTHORS])
            if name in self.numbers
        ]
        columns = np.array(found, np.int64).reshape(-1, 2).T
        return columns[0], columns[1]


def _features(vectors: np.ndarray, past: np.ndarray) -> np.ndarray:
    return np.column_stack([vectors.astype(np.float64), past, np.ones(len(vectors))])


def _weights(known: KnownPapers) -> np.ndarray:
    rows = _features(known.vectors, PastTopics(known.authors, known.is_in).of_known())
    penalties = np.full(rows.shape[1], PENALTY)
    penalties[-1] = 1e-6  # the constant is the share of a topic
    return np.linalg.solve(rows.T @ rows + np.diag(penalties), rows.T @ known.is_in)


def _held_out_scores(known: KnownPapers) -> np.ndarray:
    scores = np.zeros(known.is_in.shape)
    for held_out in folds(len(known.vectors)):
        rest, papers = known.chosen(~held_out), known.chosen(held_out)
        rows = _features(
            papers.vectors, PastTopics(rest.authors, rest.is_in).of_papers(papers.authors)
        )
        scores[held_out] = rows @ _weights(rest)
    return scores


# --- Thresholds ---


def choose_thresholds(scores: np.ndarray, is_in: np.ndarray) -> np.ndarray:
    """The thresholds that find most at PRECISION; infinite for a topic that is not to be found.

    With Lagrange's method: at a given price of a wrong pair each topic has its best threshold, and
    the lowest price that keeps PRECISION is found by bisection. A pair of a rare topic is worth
    more than one of a common topic, by the root of how much rarer it is; otherwise rare topics
    would be found nowhere.
    """
    papers = np.maximum(is_in.sum(axis=0), 1)
    worths = np.sqrt(papers.max() / papers)
    curves = [
        _Curve.of(column, known, worth)
        for column, known, worth in zip(scores.T, is_in.T, worths, strict=True)
    ]
    low, high = 0.0, 1000.0
    for _ in range(BISECTIONS):
        price = (low + high) / 2
        balance = sum(curve.balances[curve.best(price)] for curve in curves)
        low, high = (low, price) if balance >= 0 else (price, high)
    return np.array([curve.thresholds[curve.best(high)] for curve in curves])


@dataclass(frozen=True, slots=True)
class _Curve:
    """What the first 0, 1, 2… papers by score would be worth to a topic."""

    thresholds: np.ndarray
    worths: np.ndarray  # of the right ones among them
    balances: np.ndarray  # how many right ones there are more than PRECISION needs
    allowed: np.ndarray  # bool

    @classmethod
    def of(cls, scores: np.ndarray, is_in: np.ndarray, worth: float) -> "_Curve":
        order = np.argsort(-scores)
        right = np.concatenate([[0], np.cumsum(is_in[order])])
        count = np.arange(len(right))
        enough = (count >= MIN_ABOVE) & (is_in.sum() >= MIN_TOPIC_PAPERS)
        return cls(
            np.concatenate([[np.inf], scores[order]]),
            worth * right,
            right - PRECISION * count,
            (count == 0) | (enough & (right >= MIN_TOPIC_PRECISION * count)),
        )

    def best(self, price: float) -> int:
        """How many papers are best, where a wrong pair costs this much."""
        gains = np.where(self.allowed, self.worths + price * self.balances, -np.inf)
        return int(gains.argmax())
