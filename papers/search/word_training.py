"""Trains a table of word vectors on papers: titles and sentences learn to find their own paper.

Numpy alone, and no state outside the arguments: the same papers, rows and seed give the same
table. `papers.search.make_word_table` trains the shipped table from the vectors of WordLlama;
`papers.search.learn_words` goes on from there with a site's own papers.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from papers.search import tokenizer
from papers.search.word_bags import Bags, Batch, Numbers, weighted_sums

MAX_WORDS = 62_000  # times 256 bytes: a table of 16 MB
MAX_NEW_WORDS = 20_000  # that a site adds: 5 MB more
MIN_TEXTS = 3  # that hold a word which a site adds
START_NORM = 0.2  # of a row, times the word's idf; the rate below was chosen with it
MIN_SENTENCE_CHARS = 40  # shorter ones say "Code is available." or end after "et al."
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


class Pair(NamedTuple):
    title: str
    abstract: str  # without the title, if it repeats it


def without(title: str, abstract: str) -> str:
    """The abstract with the title taken out, else finding it would teach nothing."""
    return re.sub(re.escape(title), " ", abstract, flags=re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    epochs: int = 2
    seed: int = 0
    batch: int = 1_024  # pairs: each query is told apart from so many answers
    rate: float = 0.02
    sharpness: float = 20.0  # cosines are multiplied by it before the softmax
    hidden: float = 0.6  # of the words that query and answer share: else only these would count


DEFAULTS = Settings()


def choose_words(
    texts: Iterable[str], limit: int | None = MAX_WORDS
) -> tuple[list[str], np.ndarray]:
    """The words that most texts hold, and how many do.

    Of words in equally many, those of letters alone come first: a number or a compound of parts
    loses least by having no row. Then their hashes decide: the alphabet would favour a over z.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(tokenizer.split_words(text)))

    def order(word: str) -> tuple[int, bool, bytes]:
        return -counts[word], not word.isalpha(), tokenizer.digest(word)

    chosen = sorted(counts, key=order)[:limit]
    return chosen, np.array([counts[word] for word in chosen], np.float32)


def new_words(texts: Iterable[str], known: Container[str]) -> list[str]:
    """The words without a row that at least MIN_TEXTS hold; those that most hold, if many."""
    chosen, counts = choose_words(texts, limit=None)
    new = [word for word, count in zip(chosen, counts, strict=True) if count >= MIN_TEXTS]
    return [word for word in new if word not in known][:MAX_NEW_WORDS]


def start_norms(counts: np.ndarray, texts: int) -> np.ndarray:
    """How long rows begin, of words that so many of the texts hold: rare words count more."""
    norms: np.ndarray = START_NORM * np.log(1 + 2 * texts / np.maximum(counts, 1))
    return norms.astype(np.float32)


def unknown_norm(texts: int) -> float:
    """Of a word in none of the texts: as if one of them held it."""
    return float(start_norms(np.ones(1), texts)[0])


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(lengths, 1e-6)
    return scaled


def train(
    known: Sequence[str],
    rows: np.ndarray,
    unknown_norm: float,
    pairs: Sequence[Pair],
    settings: Settings = DEFAULTS,
) -> np.ndarray:
    """The rows of the known words after training on the pairs."""
    numbers = Numbers(known)
    titles = Bags((pair.title for pair in pairs), numbers)
    abstracts = Bags((pair.abstract for pair in pairs), numbers)
    sentences, first = _sentences(pairs, numbers)
    training = Training(rows, numbers, unknown_norm, settings.rate, settings.sharpness)
    chance = np.random.default_rng(settings.seed)
    for step, chosen in enumerate(_batches(len(pairs), settings, chance)):
        if step % 2 == 0:
            queries, answers = titles.batch(chosen), abstracts.batch(chosen)
        else:
            one_each = chance.integers(first[chosen], first[chosen + 1])
            queries, answers = sentences.batch(one_each), titles.batch(chosen)
        training.step(queries, answers.hiding(queries, settings.hidden, chance))
    return training.rows


def _batches(pairs: int, settings: Settings, chance: np.random.Generator) -> Iterator[np.ndarray]:
    parts = max(1, round(pairs / settings.batch))  # of equal size: a small rest would weigh more
    for _ in range(settings.epochs if pairs else 0):
        yield from np.array_split(chance.permutation(pairs), parts)


def _sentences(pairs: Sequence[Pair], numbers: Numbers) -> tuple[Bags, np.ndarray]:
    """Those of all abstracts, and where each abstract's begin; at least one of each."""
    split = [
        [s for s in _SENTENCE_END.split(pair.abstract) if len(s) >= MIN_SENTENCE_CHARS]
        or [pair.abstract]
        for pair in pairs
    ]
    first = np.cumsum([0, *(len(sentences) for sentences in split)])
    return Bags((sentence for sentences in split for sentence in sentences), numbers), first


class Training:
    """The rows, and what Adagrad remembers of each: its gradients' mean squares, summed."""

    def __init__(
        self,
        rows: np.ndarray,
        numbers: Numbers,
        unknown_norm: float,
        rate: float,
        sharpness: float,
    ) -> None:
        self.rows = rows.astype(np.float32)  # a copy: the caller keeps what it began with
        self.numbers, self.unknown_norm = numbers, unknown_norm
        self.rate, self.sharpness = rate, sharpness
        self.squares = np.zeros(len(rows), np.float32)

    def step(self, queries: Batch, answers: Batch) -> None:
        """Turns each query towards its own answer and away from those of the others."""
        both = queries.followed_by(answers)
        ids, columns = np.unique(both.ids, return_inverse=True)
        starts = np.searchsorted(both.texts, np.arange(both.size + 1))
        vectors = weighted_sums(self._table(ids), columns, both.weights, starts)
        slopes = _slopes(vectors, self.sharpness)
        # Back from texts to words: the same product, with the matrix transposed.
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(len(ids) + 1))
        gradient = weighted_sums(slopes, both.texts[order], both.weights[order], starts)
        self._descend(ids, gradient)

    def _table(self, ids: np.ndarray) -> np.ndarray:
        """The rows of words given by ascending numbers."""
        known = int(np.searchsorted(ids, len(self.rows)))
        table = np.empty((len(ids), self.rows.shape[1]), np.float32)
        table[:known] = self.rows[ids[:known]]
        if known < len(ids):
            table[known:] = self.unknown_norm * self.numbers.unknown_rows(ids[known:])
        return table

    def _descend(self, ids: np.ndarray, gradient: np.ndarray) -> None:
        known = int(np.searchsorted(ids, len(self.rows)))  # rows of unknown words never change
        ids, gradient = ids[:known], gradient[:known]
        self.squares[ids] += np.square(gradient).mean(axis=1)
        rates = self.rate / np.sqrt(self.squares[ids] + 1e-12)
        self.rows[ids] -= rates[:, None] * gradient


def _slopes(vectors: np.ndarray, sharpness: float) -> np.ndarray:
    """Of the loss by each vector: softmax cross-entropy of queries to answers and back."""
    pairs = len(vectors) // 2
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    directions = vectors / lengths
    queries, answers = directions[:pairs], directions[pairs:]
    raised = np.exp(sharpness * (queries @ answers.T - 1))
    excess = raised / raised.sum(axis=1, keepdims=True) + raised / raised.sum(axis=0)
    excess[np.diag_indices(pairs)] -= 2
    excess *= sharpness / (2 * pairs)
    slopes = np.concatenate([excess @ answers, excess.T @ queries])
    # Only the direction counts, so what would change the length is taken out.
    slopes -= directions * (slopes * directions).sum(axis=1, keepdims=True)
    turned: np.ndarray = slopes / lengths
    return turned
