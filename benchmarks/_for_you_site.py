"""A site with many readers, each with some interests, whose trainings and rankings are timed."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from accounts.models import User
from interests import site_background, training
from interests.for_you import newest_papers, unknown_to
from interests.models import Interest, InterestPaper
from interests.ranking import rank
from papers.models import EmbeddingModel, Paper, PaperEmbedding, PaperSearch
from papers.search import embeddings

INTERESTS, EXAMPLES = 3, 5  # of each reader, and of each interest
SHOWN = 60
SEED = 3


class Seconds(NamedTuple):
    background: float  # all times in seconds
    training: float  # of all interests together
    ranking: float  # for all readers together


def measure(texts: Sequence[str], vectors: np.ndarray, listed: int, readers: int) -> Seconds:
    """The last `listed` papers are on today's page; readers chose among the others."""
    papers = _store(texts, vectors, listed)
    people = User.objects.bulk_create(User(email=f"{n}@example.org") for n in range(readers))
    rng = np.random.default_rng(SEED)
    interests = Interest.objects.bulk_create(
        Interest(reader=reader, name=f"Interest {number}")
        for reader in people
        for number in range(INTERESTS)
    )
    InterestPaper.objects.bulk_create(
        InterestPaper(interest=interest, paper=papers[at])
        for interest in interests
        for at in rng.choice(len(papers) - listed, EXAMPLES, replace=False)
    )
    start = time.perf_counter()
    site_background.update(timezone.now())
    computed = time.perf_counter()
    for interest in Interest.objects.order_by("pk"):
        training.train(interest, timezone.now())
    trained = time.perf_counter()
    for reader in people:
        own = list(Interest.objects.of_reader(reader).for_ranking())
        assert rank(own, unknown_to(reader, newest_papers()), SHOWN)
    return Seconds(computed - start, trained - computed, time.perf_counter() - trained)


def _store(texts: Sequence[str], vectors: np.ndarray, listed: int) -> list[Paper]:
    today, first = timezone.localdate(), len(texts) - listed
    papers = Paper.objects.bulk_create(
        Paper(
            key=f"1501.{number:05}",
            title=text.partition(". ")[0][:300],
            listed_on=today if number >= first else None,
        )
        for number, text in enumerate(texts)
    )
    model = EmbeddingModel.objects.create(version=embeddings.load().version, serving=True)
    PaperSearch.objects.bulk_create(
        PaperSearch(paper=paper, title=text.partition(". ")[0], abstract=text.partition(". ")[2])
        for paper, text in zip(papers, texts, strict=True)
    )
    PaperEmbedding.objects.bulk_create(
        PaperEmbedding(paper=paper, model=model, vector=vector)
        for paper, vector in zip(papers, vectors, strict=True)
    )
    return papers
