"""Finds the topics of papers whose categories are not known; run by a worker.

Learned from the papers that have categories: papers/topic_model.py has the model. It is trained as
soon as there are enough of them, and again when the topics' categories or the vectors change, when
there are RETRAIN_GROWTH as many papers, and after RETRAIN_AFTER. Each training looks at all papers
without categories again. A topic that a curator decided on, for or against, stays as it is.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from django.db import transaction

from papers import topic_model
from papers.models import Paper, PaperTopic, Topic, TopicJob, TrainedTopicModel
from papers.models.paper_queries import PaperQuerySet
from papers.topic_model import KnownPapers, Names, PastTopics, TopicModel

MAX_PAPERS = 20_000  # the newest: the model learns from them, and knows authors by them
RETRAIN_GROWTH = 1.1
RETRAIN_AFTER = timedelta(days=30)
BATCH_PAPERS = 500
MAX_RUN = timedelta(seconds=50)  # the next sweep continues


def has_work(now: datetime) -> bool:
    """Whether the model may have to be trained, or a paper waits for it."""
    model = TrainedTopicModel.objects.current()
    if model.next_training_at <= now or model.rules != _rules(_topics()):
        return True
    return model.is_of_serving_vectors() and TopicJob.objects.exists()


def run(now: datetime) -> None:
    """Do what is due. Again, or in two workers, does no harm."""
    if TrainedTopicModel.objects.current().rules != _rules(_topics()):
        TrainedTopicModel.objects.train_soon(now)
    if TrainedTopicModel.objects.claim(now):
        if _is_outdated(TrainedTopicModel.objects.current(), now):
            train(now)
        TrainedTopicModel.objects.train_again_next_night(now)
    assign_waiting()


# --- Training ---


def train(now: datetime) -> TrainedTopicModel:
    """Train on the papers with categories, if they are enough; then all others wait for topics."""
    model, topics = TrainedTopicModel.objects.current(), _topics()
    model.rules = _rules(topics)
    known, version = _known_papers(topics)
    if not topics or len(known.authors) < topic_model.MIN_PAPERS:
        _forget(model)
        return model
    trained = topic_model.train(known)
    model.weights, model.thresholds = trained.weights.tolist(), trained.thresholds.tolist()
    model.precision, model.recall = trained.precision, trained.recall
    model.embedding_version = version
    model.papers, model.trained_at = len(known.authors), now
    _replace(model)
    return model


@transaction.atomic
def _replace(model: TrainedTopicModel) -> None:
    """The row is locked by this, so that no worker goes on with the model before."""
    model.save(update_fields=_trained_fields())
    TopicJob.objects.queue_all()


@transaction.atomic
def _forget(model: TrainedTopicModel) -> None:
    model.trained_at, model.precision, model.recall = None, None, None
    model.weights, model.thresholds, model.papers = [], [], 0
    model.save(update_fields=_trained_fields())
    PaperTopic.objects.filter(by=PaperTopic.By.MEANING).delete()


def _trained_fields() -> list[str]:
    """All but when it is trained next: another worker may have moved that."""
    names = [field.name for field in TrainedTopicModel._meta.concrete_fields]
    return [name for name in names if name not in ("id", "next_training_at")]


def _is_outdated(model: TrainedTopicModel, now: datetime) -> bool:
    if not model.is_of_serving_vectors() or model.rules != _rules(_topics()):
        return True
    is_old = model.trained_at is not None and model.trained_at <= now - RETRAIN_AFTER
    return is_old or _known().count() >= model.papers * RETRAIN_GROWTH


# --- Assigning ---


def assign_waiting(max_run: timedelta = MAX_RUN) -> int:
    """Give the papers that wait the topics of the model; returns how many papers."""
    model = TrainedTopicModel.objects.current()
    if not (model.is_of_serving_vectors() and TopicJob.objects.exists()):
        return 0
    topics = _topics()
    authors, is_in = _authors_and_topics(topics)
    past = PastTopics(authors, is_in)
    end, total = time.monotonic() + max_run.total_seconds(), 0
    while time.monotonic() < end and (count := _assign_batch(topics, past)):
        total += count
    return total


@transaction.atomic
def _assign_batch(topics: Sequence[Topic], past: PastTopics) -> int:
    """Papers that another transaction is writing keep their job: the next sweep has them."""
    model = TrainedTopicModel.objects.select_for_update().get()  # is not trained meanwhile
    if model.trained_at is None or model.rules != _rules(topics):
        return 0
    jobs = TopicJob.objects.select_for_update().order_by("pk")[:BATCH_PAPERS]
    free = Paper.objects.select_for_update(skip_locked=True, no_key=True)
    papers = list(free.filter(pk__in=[job.pk for job in jobs]).only("categories"))
    wanted = _topics_of([paper.pk for paper in papers if not paper.categories], model, past)
    if not model.is_of_serving_vectors():  # checked last: until now its vectors were there
        return 0
    of_papers = PaperTopic.objects.filter(paper__in=papers, by=PaperTopic.By.MEANING)
    stale = [row.pk for row in of_papers if (row.paper_id, row.topic_id) not in wanted]
    if stale:
        of_papers.filter(pk__in=stale).delete()
    rows = [PaperTopic(paper_id=p, topic_id=t, by=PaperTopic.By.MEANING) for p, t in sorted(wanted)]
    if rows:
        PaperTopic.objects.bulk_create(rows, ignore_conflicts=True)  # with those of a curator
    TopicJob.objects.filter(paper__in=papers).delete()
    return len(papers)


def _topics_of(
    papers: Sequence[int], model: TrainedTopicModel, past: PastTopics
) -> set[tuple[int, int]]:
    """Pairs of primary keys: (paper, topic)."""
    of_version = Paper.objects.filter(embeddings__model__version=model.embedding_version)
    rows = of_version.filter(pk__in=papers)
    found = list(rows.values_list("pk", "found_by__author_names", "embeddings__vector"))
    if not found:
        return set()
    trained = TopicModel(np.array(model.weights), np.array(model.thresholds))
    belongs = trained.topics(
        np.array([vector for _, _, vector in found]),
        past.of_papers([authors or () for _, authors, _ in found]),
    )
    return {(found[row][0], model.rules[column][0]) for row, column in np.argwhere(belongs)}


# --- Reading papers and topics ---


def _topics() -> list[Topic]:
    """Those with categories; the others are found by their words, whatever the paper."""
    return list(Topic.objects.exclude(categories=[]).order_by("pk"))


def _rules(topics: Sequence[Topic]) -> list[Any]:
    return [[topic.pk, topic.categories] for topic in topics]


def _known() -> PaperQuerySet:
    """The newest MAX_PAPERS of the papers with categories and a vector."""
    known = Paper.objects.filter(embeddings__model__serving=True, is_sample=False)
    return known.exclude(categories=[]).order_by("-pk")[:MAX_PAPERS]


def _known_papers(topics: Sequence[Topic]) -> tuple[KnownPapers, str]:
    """And the version of their vectors, by the same statement: another may serve after it."""
    columns = ("found_by__author_names", "categories", "embeddings__vector")
    known = _known().values_list(*columns, "embeddings__model__version")
    rows = [
        (names or (), codes, np.array(vector, np.float32), version)
        for names, codes, vector, version in known.iterator(BATCH_PAPERS)
    ]
    names, codes, vectors, versions = zip(*rows, strict=True) if rows else ((), (), (), ("",))
    return KnownPapers(np.array(vectors), names, _is_in(codes, topics)), versions[0]


def _authors_and_topics(topics: Sequence[Topic]) -> tuple[Names, np.ndarray]:
    """Of the known papers."""
    rows = list(_known().values_list("found_by__author_names", "categories"))
    return [names or () for names, _ in rows], _is_in([codes for _, codes in rows], topics)


def _is_in(categories: Sequence[Sequence[str]], topics: Sequence[Topic]) -> np.ndarray:
    """Whether each paper, of which the categories are given, is in each topic."""

    @cache
    def topics_of(category: str) -> np.ndarray:
        return np.array([topic.covers(category) for topic in topics], bool)

    rows = [np.any([topics_of(code) for code in codes], axis=0) for codes in categories]
    return np.array(rows, bool).reshape(len(categories), len(topics))
