"""Learns from a few papers that a reader chose how much they would like another one.

One linear model an interest, over the vector of a paper and its words. The score of a paper is

    VECTOR_SHARE · (its vector against the direction of the examples)
    + (1 - VECTOR_SHARE) · (its words against those of the examples)

each so that 1 is what the examples get on average and 0 what any paper of the site gets. The
direction is that of a linear discriminant analysis (Fisher 1936): the mean of the examples minus
the mean of all papers, times the inverse of the covariance of all, so that what many papers have in
common counts little. It needs no papers that the reader disliked, and is found by one product of a
matrix and a vector. Words are weighed as Rocchio's relevance feedback does, by the mean of their
tf-idf in the examples. What counts against an interest is subtracted from either mean.

interests/training.py trains the interests of a site; benchmarks/for_you.py measures this module.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log, sqrt

import numpy as np

from interests.words import words

VECTOR_SHARE = 0.7
AGAINST_SHARE = 0.5  # of what counts against, to what counts for
PENALTY = 0.02  # added to the covariance, which few papers tell inexactly; a vector has length one
KEPT_WORDS = 100  # of an interest: those with the largest weights
MIN_WORD_PAPERS = 2  # a word of fewer is not known
MAX_WORD_SHARE = 0.1  # of the papers; a word of more says nothing of a subject
MAX_ALWAYS_ALLOWED = 10  # papers that a word may be in, however few papers there are
MAX_KNOWN_WORDS = 40_000
CACHED_TEXTS = 1_000  # some 25 MB a process
USUAL_WEIGHT = 0.15  # the tf-idf of a word that an abstract is about

Words = Mapping[str, float]


@dataclass(frozen=True)
class Background:
    """What the papers of a site are like, whatever a reader's interests are."""

    version: str  # of their vectors
    mean: np.ndarray
    precision: np.ndarray  # the inverse of the covariance of their vectors, with PENALTY
    papers: int
    word_papers: Mapping[str, int]  # how many papers each known word is in

    @classmethod
    def of(cls, vectors: np.ndarray, texts: Iterable[str], version: str = "") -> "Background":
        """Of the papers with these vectors, (papers, dimensions), and texts."""
        mean = vectors.mean(axis=0, dtype=np.float64)
        centred = vectors - mean
        covariance = centred.T @ centred / len(vectors)
        precision = np.linalg.inv(covariance + PENALTY * np.eye(len(mean)))
        return cls(version, mean, precision, len(vectors), _count(texts, len(vectors)))

    def word_features(self, text: str, also: Iterable[str] = ()) -> dict[str, float]:
        """The tf-idf of the known words of a text, of length one; of `also` where it has them."""
        counts = _word_counts(text)
        known = {
            word: (1 + log(count)) * self.rarity(word)
            for word, count in counts.items()
            if word in self.word_papers
        }
        length = sqrt(sum(value * value for value in known.values())) or 1.0
        for word in also:
            if word in counts:
                known[word] = (1 + log(counts[word])) * self.rarity(word)
        return {word: value / length for word, value in known.items()}

    def rarity(self, word: str) -> float:
        """Its idf; of an unknown word that of one which no paper has."""
        return log((1 + self.papers) / (1 + self.word_papers.get(word, 0))) + 1


@dataclass(frozen=True)
class Examples:
    """Papers: a row of `vectors` and one of `words` each. Phrases have a vector alone."""

    vectors: np.ndarray
    words: Sequence[Words] = ()

    def mean_words(self) -> dict[str, float]:
        sums: dict[str, float] = {}
        for features in self.words:
            for word, value in features.items():
                sums[word] = sums.get(word, 0.0) + value / len(self.words)
        return sums


@dataclass(frozen=True)
class InterestModel:
    vector_weights: np.ndarray  # of each dimension, and at the end a constant
    word_weights: dict[str, float] = field(default_factory=dict)

    def scores(self, vectors: np.ndarray, papers_words: Sequence[Words]) -> np.ndarray:
        """Of papers, one for each row of `vectors`."""
        of_vectors = vectors @ self.vector_weights[:-1] + self.vector_weights[-1]
        of_words = [sum(self.word_parts(features).values()) for features in papers_words]
        scores: np.ndarray = of_vectors + np.array(of_words)
        return scores

    def word_parts(self, features: Words) -> dict[str, float]:
        """What each word adds to the score of a paper."""
        shared = features.keys() & self.word_weights.keys()
        return {word: features[word] * self.word_weights[word] for word in shared}


def train(
    background: Background,
    liked: Examples,
    disliked: Examples,
    added_words: Sequence[str] = (),
    removed_words: Sequence[str] = (),
) -> InterestModel:
    """Added and removed words are also among the vectors of either, as phrases.

    Without anything liked the weights are empty, and no paper is ranked.
    """
    if not len(liked.vectors):
        return InterestModel(np.zeros(0, np.float32))
    return InterestModel(
        _vector_weights(background, liked, disliked),
        _word_weights(background, liked, disliked, added_words, removed_words),
    )


def main_words(weights: dict[str, float], number: int) -> list[str]:
    """The words with the largest weights, pairs preferred; no word stands in two of them."""
    chosen: list[str] = []
    for word in sorted(weights, key=lambda word: -weights[word] * len(word.split())):
        parts = set(word.split())
        if len(chosen) < number and not any(parts & set(other.split()) for other in chosen):
            chosen.append(word)
    return chosen


def _vector_weights(background: Background, liked: Examples, disliked: Examples) -> np.ndarray:
    direction = liked.vectors.mean(axis=0) - background.mean
    if len(disliked.vectors):
        direction -= AGAINST_SHARE * (disliked.vectors.mean(axis=0) - background.mean)
    weights = background.precision @ direction
    weights *= VECTOR_SHARE / max(float(weights @ direction), 1e-9)
    return np.append(weights, -float(weights @ background.mean)).astype(np.float32)


def _word_weights(
    background: Background,
    liked: Examples,
    disliked: Examples,
    added_words: Sequence[str],
    removed_words: Sequence[str],
) -> dict[str, float]:
    weights = liked.mean_words()
    for word, value in disliked.mean_words().items():
        if word in weights:
            weights[word] -= AGAINST_SHARE * value
    largest = max(weights.values(), default=USUAL_WEIGHT)
    weights |= dict.fromkeys(added_words, largest)
    for word in removed_words:
        weights.pop(word, None)
    kept = sorted(weights, key=lambda word: -weights[word])[:KEPT_WORDS]
    kept = [word for word in kept if weights[word] > 0]
    scale = (1 - VECTOR_SHARE) / (sum(weights[word] ** 2 for word in kept) or 1.0)
    return {word: round(scale * weights[word], 5) for word in kept}


@lru_cache(maxsize=CACHED_TEXTS)
def _word_counts(text: str) -> Mapping[str, int]:
    """Cached, as the same new papers are ranked for one reader after the other."""
    return Counter(words(text))


def _count(texts: Iterable[str], papers: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(words(text)))
    highest = max(MAX_ALWAYS_ALLOWED, MAX_WORD_SHARE * papers)
    known = ((word, n) for word, n in counts.most_common() if MIN_WORD_PAPERS <= n <= highest)
    return dict(list(known)[:MAX_KNOWN_WORDS])
