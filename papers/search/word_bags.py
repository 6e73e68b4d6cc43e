"""Texts as sparse matrices of word numbers and weights, for training without scipy."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from papers.search import tokenizer

SHORT_SEGMENT = 6  # rows; so few are summed for all texts at once, more one text at a time


class Numbers(dict[str, int]):
    """The numbers of words: first those with a row, then every further one in the order met."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__((word, number) for number, word in enumerate(known))
        self.known = len(known)
        self._digests = bytearray()

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        self._digests += tokenizer.digest(word)
        return number

    def unknown_rows(self, ids: np.ndarray) -> np.ndarray:
        digests = np.frombuffer(self._digests, np.uint8).reshape(-1, tokenizer.DIMENSIONS // 8)
        return tokenizer.unknown_rows(digests[ids - self.known])


class Batch(NamedTuple):
    """Words of some texts, one text after the other: whose, which, and how much each weighs."""

    size: int
    texts: np.ndarray
    ids: np.ndarray
    weights: np.ndarray

    def hiding(self, queries: "Batch", share: float, chance: np.random.Generator) -> "Batch":
        """Without some of the words that the query of the same place holds as well."""
        shared = np.isin(self.texts << 32 | self.ids, queries.texts << 32 | queries.ids)
        stays = ~(shared & (chance.random(len(shared)) < share))
        return Batch(self.size, self.texts[stays], self.ids[stays], self.weights[stays])

    def followed_by(self, other: "Batch") -> "Batch":
        return Batch(
            self.size + other.size,
            np.concatenate([self.texts, other.texts + self.size]),
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.weights, other.weights]),
        )


class Bags:
    """The distinct words of each text, and 1 + ln(count) as the weight of each."""

    def __init__(self, texts: Iterable[str], numbers: Numbers) -> None:
        self.ids: list[np.ndarray] = []
        self.weights: list[np.ndarray] = []
        for text in texts:
            counts = Counter(tokenizer.split_words(text))
            self.ids.append(np.array([numbers[word] for word in counts], np.int64))
            self.weights.append(1 + np.log(np.array(list(counts.values()), np.float32)))

    def batch(self, chosen: np.ndarray) -> Batch:
        ids = [self.ids[at] for at in chosen]
        texts = np.repeat(np.arange(len(ids)), [len(some) for some in ids])
        weights = np.concatenate([self.weights[at] for at in chosen])
        return Batch(len(ids), texts, np.concatenate(ids), weights)


def weighted_sums(
    table: np.ndarray, columns: np.ndarray, weights: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """A sparse matrix times the table: its row i has the columns from starts[i] to starts[i + 1].

    The loop is no mistake: np.add.reduceat took 17 times as long, and a dense product 12 times.
    """
    sums = np.zeros((len(starts) - 1, table.shape[1]), np.float32)
    lengths = np.diff(starts)
    for length in range(1, SHORT_SEGMENT + 1):
        rows = np.flatnonzero(lengths == length)
        for offset in range(length):
            at = starts[rows] + offset
            sums[rows] += weights[at, None] * table[columns[at]]
    for row in np.flatnonzero(lengths > SHORT_SEGMENT):
        part = slice(starts[row], starts[row + 1])
        sums[row] = weights[part] @ table[columns[part]]
    return sums
