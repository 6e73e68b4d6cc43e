"""Judges a table of words: how many titles find the abstract of their own paper, among many.

Each title is a question twice: for the abstract as it is, and for the abstract without the words
of the title. The second kind shows what vectors are for; shared words a search finds by itself.
"""

from collections.abc import Sequence

import numpy as np

from papers.search import embeddings, tokenizer
from papers.search.word_table import WordTable
from papers.search.word_training import Pair

BEST = 10  # an abstract counts as found among so many
ROUNDING = 1e-5  # by so much may the cosines of equal texts differ
QUESTIONS_AT_ONCE = 200  # scores of so many titles are in memory: 8 MB with 10,000 abstracts


def found(table: WordTable, pairs: Sequence[Pair], others: Sequence[str]) -> int:
    """How many of two questions for each pair are answered, among these and other abstracts."""
    titles = embeddings.unit_vectors(table, [pair.title for pair in pairs])
    own = embeddings.unit_vectors(table, [pair.abstract for pair in pairs])
    without_title = embeddings.unit_vectors(table, [_other_words(pair) for pair in pairs])
    other = embeddings.unit_vectors(table, others)
    count = 0
    for first in range(0, len(pairs), QUESTIONS_AT_ONCE):
        part = slice(first, first + QUESTIONS_AT_ONCE)
        scores = np.hstack([titles[part] @ own.T, titles[part] @ other.T])
        rows = np.arange(len(scores))
        scores[rows, rows + first] = -np.inf  # its own abstract competes with the others only
        for answers in (own, without_title):
            cosines = (titles[part] * answers[part]).sum(axis=1)
            as_near = (scores >= cosines[:, None] - ROUNDING).sum(axis=1)
            count += int((as_near < BEST).sum())
    return count


def _other_words(pair: Pair) -> str:
    words = set(tokenizer.split_words(pair.title))
    return " ".join(word for word in tokenizer.split_words(pair.abstract) if word not in words)
