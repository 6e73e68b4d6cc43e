"""Trains the word table on this site's titles and abstracts: run by a worker, or by hand.

One paper in HELD_OUT is never trained on. The new table is kept if titles of these papers find
more of their abstracts with it than with the table in use; then the queue embeds every paper anew.
Each training begins from the shipped table, so that the same papers give the same table.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from papers.models import EmbeddingJob, PaperSearch, WordTraining
from papers.search import title_questions, vector_models, word_table, word_training
from papers.search.word_table import WordTable
from papers.search.word_training import Pair

logger = logging.getLogger(__name__)

MIN_PAPERS = 2_000  # 400 questions: fewer would tell two tables apart by chance
MAX_PAPERS = (
    30_000  # chosen by chance: 150,000 more taught the shipped table nothing (decisions.md)
)
HELD_OUT = 10
MAX_QUESTIONS = 2_000  # titles; each is asked twice
MAX_OTHERS = 8_000  # further abstracts among which they are to find their own
BATCH_PAPERS = 1_000
# Half the rate of the first training: with the whole, titles lost what they knew of rare words.
SETTINGS = word_training.Settings(rate=0.01)


def has_work(now: datetime) -> bool:
    """Whether enough papers have come since the last training, and none waits for its vector."""
    if settings.EMBEDDING_MODEL or EmbeddingJob.objects.unfinished().exists():
        return False
    return WordTraining.objects.current().is_due(
        papers().count(), MIN_PAPERS, vector_models.shipped().version, now
    )


def run(now: datetime) -> WordTraining | None:
    """Train, and keep the table if it finds more; None if another process is training."""
    training = WordTraining.objects.claim(now)
    if training is None:
        return None
    training.papers = papers().count()
    training.shipped_version = vector_models.shipped().version
    trained_on, held_out = _pairs()
    others = [pair.abstract for pair in trained_on[:: len(trained_on) // MAX_OTHERS + 1]]
    table = train(vector_models.shipped(), trained_on)
    training.questions = 2 * len(held_out)
    training.found = title_questions.found(table, held_out, others)
    in_use = vector_models.table_in_use()
    training.found_before = title_questions.found(in_use, held_out, others)
    with transaction.atomic():
        if not training.finish(now):
            return None
        if training.is_kept:
            vector_models.store(table)
    logger.info("Word table %s: %s", table.version, training)
    return training


def papers() -> QuerySet[PaperSearch]:
    """Those that have something to learn from."""
    visible = PaperSearch.objects.filter(paper__hidden_at=None, paper__is_sample=False)
    return visible.exclude(title="").exclude(abstract="")


def _pairs() -> tuple[list[Pair], list[Pair]]:
    """To train on, and held out: a paper's number decides, so it is held out every time."""
    numbers = list(papers().order_by("pk").values_list("pk", flat=True))
    if len(numbers) > MAX_PAPERS:
        chance = np.random.default_rng(0)
        numbers = sorted(chance.choice(numbers, MAX_PAPERS, replace=False).tolist())
    held_out = [number for number in numbers if number % HELD_OUT == 0][:MAX_QUESTIONS]
    trained_on = [number for number in numbers if number % HELD_OUT]
    return list(_texts(trained_on)), list(_texts(held_out))


def _texts(numbers: Sequence[int]) -> Iterator[Pair]:
    for first in range(0, len(numbers), BATCH_PAPERS):
        batch = PaperSearch.objects.filter(pk__in=numbers[first : first + BATCH_PAPERS])
        for title, abstract in batch.order_by("pk").values_list("title", "abstract"):
            yield Pair(title, word_training.without(title, abstract))


def train(table: WordTable, pairs: Sequence[Pair]) -> WordTable:
    """A table that begins with the rows of this one; new words begin as they counted until now."""
    new = word_training.new_words((f"{p.title}\n{p.abstract}" for p in pairs), table.numbers)
    known = [*table.numbers, *new]
    rows = table.word_rows(known)
    trained = word_training.train(known, rows, table.unknown_norm, pairs, SETTINGS)
    return word_table.make(known, trained, table.unknown_norm)
