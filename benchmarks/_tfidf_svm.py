"""The ranking of arxiv-sanity-lite: a linear SVM over tf-idf, for several readers at once.

As its compute.py and serve.py do with scikit-learn (github.com/karpathy/arxiv-sanity-lite):
TfidfVectorizer(max_features=20000, min_df=5, max_df=0.1, ngram_range=(1, 2), sublinear_tf=True)
over title, authors and abstract, and LinearSVC(class_weight="balanced", C=0.01). Here with numpy
alone: the same convex problem is solved by Nesterov's accelerated gradient method (1983).
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from papers.search.word_bags import weighted_sums

MAX_FEATURES, MIN_PAPERS, MAX_SHARE = 20_000, 5, 0.1
C = 0.01
STEPS = 80  # after them the gradient is at 2 % of its first length
WORD = re.compile(r"(?u)\b\w\w+\b")  # scikit-learn's


class Rows(NamedTuple):
    """A sparse matrix: row i has the columns from starts[i] to starts[i + 1]."""

    columns: np.ndarray
    values: np.ndarray
    starts: np.ndarray

    def times(self, table: np.ndarray) -> np.ndarray:
        return weighted_sums(table, self.columns, self.values, self.starts)

    def transposed(self, columns: int) -> "Rows":
        rows = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        order = np.argsort(self.columns, kind="stable")
        starts = np.searchsorted(self.columns[order], np.arange(columns + 1))
        return Rows(rows[order], self.values[order], starts)


class Tfidf:
    """The words of some texts, by which these and others become rows of length one."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts: Counter[str] = Counter()
        terms: Counter[str] = Counter()
        for text in texts:
            found = Counter(_ngrams(text))
            counts.update(found.keys())
            terms.update(found)
        allowed = (w for w, n in counts.items() if MIN_PAPERS <= n <= MAX_SHARE * len(texts))
        chosen = sorted(allowed, key=lambda word: -terms[word])[:MAX_FEATURES]
        self.columns = {word: column for column, word in enumerate(chosen)}
        found_in = np.array([counts[word] for word in chosen])
        self.idf = np.log((1 + len(texts)) / (1 + found_in)) + 1

    def rows(self, texts: Sequence[str]) -> Rows:
        columns, values, starts = [], [], [0]
        for text in texts:
            counts = Counter(word for word in _ngrams(text) if word in self.columns)
            of_text = np.array([self.columns[word] for word in counts], np.int64)
            weights = (1 + np.log(np.array(list(counts.values()), float))) * self.idf[of_text]
            columns.append(of_text)
            values.append((weights / (np.linalg.norm(weights) or 1)).astype(np.float32))
            starts.append(starts[-1] + len(of_text))
        return Rows(np.concatenate(columns), np.concatenate(values), np.array(starts))


def train(rows: Rows, chosen: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Weights, (columns, readers), of readers who chose the rows of these numbers.

    Minimises ½‖w‖² + Σ c·max(0, 1 - y·f)², with a weight for the constant as LinearSVC has; it adds
    the same to each score of a reader, so it is left out of the result.
    """
    papers, readers = len(rows.starts) - 1, len(chosen)
    is_chosen = np.zeros((papers, readers), bool)
    for reader, numbers in enumerate(chosen):
        is_chosen[numbers, reader] = True
    signs = np.where(is_chosen, 1, -1).astype(np.float32)
    share = is_chosen.mean(axis=0)
    costs = (C / 2 / np.where(is_chosen, share, 1 - share)).astype(np.float32)  # "balanced"
    by_column = rows.transposed(columns)
    weights = np.zeros((columns + 1, readers), np.float32)
    ahead, momentum, step = weights, 1.0, 1 / _steepest(rows, by_column, costs)
    for _ in range(STEPS):
        missing = np.maximum(0, 1 - signs * (rows.times(ahead[:-1]) + ahead[-1]))
        slopes = -2 * costs * signs * missing
        gradient = ahead + np.vstack([by_column.times(slopes), slopes.sum(axis=0)])
        before, weights = weights, ahead - step * gradient
        momentum, last = (1 + np.sqrt(1 + 4 * momentum**2)) / 2, momentum
        ahead = weights + np.float32((last - 1) / momentum) * (weights - before)
    result: np.ndarray = weights[:-1]
    return result


def _steepest(rows: Rows, by_column: Rows, costs: np.ndarray) -> np.float32:
    """The largest curvature of any reader's problem, by the power method."""
    direction = np.ones((len(by_column.starts), costs.shape[1]), np.float32)
    for _ in range(10):
        direction /= np.linalg.norm(direction, axis=0)
        slopes = 2 * costs * (rows.times(direction[:-1]) + direction[-1])
        direction = np.vstack([by_column.times(slopes), slopes.sum(axis=0)])
    return np.float32(1.1 * np.linalg.norm(direction, axis=0).max() + 1)


def _ngrams(text: str) -> list[str]:
    found = WORD.findall(text.lower())
    return found + [f"{one} {two}" for one, two in zip(found, found[1:], strict=False)]
