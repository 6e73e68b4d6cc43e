"""Trains the model of expected votes every night, and gives new papers theirs; run by a worker.

A paper has expected votes from when its vector is stored until RECENT after its day they are
computed again every night; then they stay, as readers saw its day in that order, and real votes
have come. So no night writes more than the papers of some days. papers/vote_model.py has the model.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Avg, F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils import timezone

from papers import vote_model
from papers.identifiers import fold_name
from papers.models import EmbeddingModel, Paper, Topic, TrainedVoteModel
from papers.models.paper_queries import PaperQuerySet
from papers.vote_model import Candidate

MAX_PAPERS = 20_000  # the newest: the model learns from them, and knows authors by them
RECENT = timedelta(days=7)
RECENT_IN_QUEUE = timedelta(days=14)  # since it was submitted
BATCH_PAPERS = 500
VOTE_SHARE_SPAN = timedelta(days=90)
MIN_CHANGE = 0.05  # a smaller one is not written
MIN_ACCURACY = 0.5  # chance: a model that is not better is not used
COLUMNS = ("pk", "listed_on", "found_by__author_names", "submitter_name", "submitter_id")
LINKS = ("code_url", "project_url")


def has_work(now: datetime) -> bool:
    """Whether the model is to be trained or dropped, or a paper waits for its expected votes."""
    model = TrainedVoteModel.objects.current()
    if model.next_training_at <= now:
        return True
    if not settings.EXPECTED_SCORE:
        return model.trained_at is not None
    waiting = _recent(now).filter(expected_votes=0)
    return _is_usable(model) and _with_version(waiting, model.embedding_version).exists()


def run(now: datetime) -> None:
    """Do what is due. Again, or in two workers, does no harm."""
    model = TrainedVoteModel.objects.current()
    if not settings.EXPECTED_SCORE and model.trained_at:
        _clear(Paper.objects.exclude(expected_votes=0))
        model.forget()
    if TrainedVoteModel.objects.claim(now):
        update_vote_shares(now)
        if settings.EXPECTED_SCORE:
            train(now)
            score(_recent(now), now)
        TrainedVoteModel.objects.train_again_next_night(now)
    elif settings.EXPECTED_SCORE:
        score(_recent(now).filter(expected_votes=0), now)


def update_vote_shares(now: datetime) -> None:
    """What the papers of each topic usually get, compared with all papers, for `fair=1`."""
    last = timezone.localdate(now)
    since = last - VOTE_SHARE_SPAN
    mean = Paper.objects.listed(since, last).aggregate(mean=Avg("upvotes"))["mean"] or 0
    Topic.objects.update_vote_shares(since, last, mean)


# --- Training ---


def train(now: datetime) -> TrainedVoteModel:
    """Train on the papers listed a week ago or earlier, if enough of them have votes."""
    model = TrainedVoteModel.objects.current()
    last_day = timezone.localdate(now) - vote_model.SETTLING_DAYS
    model.voted_papers = Paper.objects.listed(last=last_day).with_min_votes(1).count()
    model.save(update_fields=["voted_papers"])
    if model.voted_papers < vote_model.MIN_PAPERS:
        model.forget()
        return model
    version = EmbeddingModel.objects.serving_version()
    past = Paper.objects.filter(pk__in=_past(last_day).values("pk"))
    _, papers, vectors = _embedded(past, version, last_day)
    if len(papers) < vote_model.MIN_PAPERS:  # the others wait to be embedded
        return model
    rows = vote_model.features(papers, vectors, past=papers)
    model.accuracy = vote_model.held_out_accuracy(papers, rows)
    trained = vote_model.train(rows, vote_model.vote_ratios(papers))
    model.means, model.weights = trained.means.tolist(), trained.weights.tolist()
    model.embedding_version = version
    model.papers, model.trained_at = len(papers), now
    model.save(
        update_fields=[
            *("accuracy", "means", "weights", "embedding_version", "papers", "trained_at"),
        ]
    )
    return model


# --- Scoring ---


def score(papers: PaperQuerySet, now: datetime) -> int:
    """Set the expected votes of these papers that have a vector; returns how many changed."""
    model = TrainedVoteModel.objects.current()
    if not _is_usable(model):
        return 0
    today = timezone.localdate(now)
    numbers = list(_with_version(papers, model.embedding_version).values_list("pk", flat=True))
    past = [paper for _, paper in _candidates(_past(today), today)] if numbers else []
    changed = 0
    for first in range(0, len(numbers), BATCH_PAPERS):
        batch = Paper.objects.filter(pk__in=numbers[first : first + BATCH_PAPERS])
        changed += _score_batch(model, batch, past, today)
    return changed


def _score_batch(
    model: TrainedVoteModel, papers: PaperQuerySet, past: list[Candidate], today: date
) -> int:
    numbers, candidates, vectors = _embedded(papers, model.embedding_version, today)
    if not numbers:
        return 0
    rows = vote_model.features(candidates, vectors, past)
    if rows.shape[1] != len(model.weights):  # a release has changed the features
        TrainedVoteModel.objects.train_soon()
        return 0
    trained = vote_model.VoteModel(np.array(model.means), np.array(model.weights))
    return _store(dict(zip(numbers, trained.parts(rows), strict=True)))


@transaction.atomic
def _store(parts: dict[int, dict[str, float]]) -> int:
    """Rows that another transaction is writing are passed over: the next sweep, or night, has them.

    So this never waits while it holds rows, and locks nobody out who votes on two of them.
    """
    free = Paper.objects.select_for_update(skip_locked=True, no_key=True)
    changed = []
    for paper in free.only("expected_votes", "expected_parts").filter(pk__in=parts):
        expected = round(vote_model.expected_votes(parts[paper.pk]), 2)
        if abs(expected - paper.expected_votes) >= MIN_CHANGE:
            paper.expected_votes = expected
            rounded = {name: round(part, 1) for name, part in parts[paper.pk].items()}
            paper.expected_parts = {name: part for name, part in rounded.items() if part}
            changed.append(paper)
    Paper.objects.bulk_update(changed, ["expected_votes", "expected_parts"])
    return len(changed)


def _clear(papers: PaperQuerySet) -> None:
    """Take their expected votes away, batch by batch."""
    while numbers := list(papers.values_list("pk", flat=True)[:BATCH_PAPERS]):
        Paper.objects.filter(pk__in=numbers).update(expected_votes=0, expected_parts={})


# --- Reading papers ---


def _is_usable(model: TrainedVoteModel) -> bool:
    """Better than chance, and of the vectors in use."""
    return model.is_of_serving_vectors() and (model.accuracy or 0) > MIN_ACCURACY


def _recent(now: datetime) -> PaperQuerySet:
    """Papers of the last days, and those in the queue."""
    listed = Q(listed_on__gte=timezone.localdate(now) - RECENT)
    queued = Q(listed_on=None, listing_wanted=True, submitted_at__gte=now - RECENT_IN_QUEUE)
    return Paper.objects.filter(listed | queued, hidden_at=None, is_sample=False)


def _past(last_day: date) -> PaperQuerySet:
    """The papers listed up to this day, the newest MAX_PAPERS."""
    listed = Paper.objects.listed(last=last_day).filter(is_sample=False)
    return listed.order_by(F("listed_on").desc(nulls_last=True))[:MAX_PAPERS]


def _with_version(papers: PaperQuerySet, version: str) -> PaperQuerySet:
    """Those that have a vector of this version, which the model was or will be trained on."""
    return papers.filter(embeddings__model__version=version)


def _embedded(
    papers: PaperQuerySet, version: str, day_of_queue: date
) -> tuple[list[int], list[Candidate], np.ndarray]:
    """Primary keys, what the model knows, and vectors, in the order of days.

    Without papers that have no vector of this version. Vectors are read in batches, as each is
    read as a list of large Python numbers.
    """
    rows = _with_version(papers, version).values_list("pk", "embeddings__vector")
    vectors = {pk: np.array(vector, np.float32) for pk, vector in rows.iterator(BATCH_PAPERS)}
    known = [pair for pair in _candidates(papers, day_of_queue) if pair[0] in vectors]
    known.sort(key=lambda pair: pair[1].day)
    numbers = [number for number, _ in known]
    return numbers, [paper for _, paper in known], np.array([vectors[pk] for pk in numbers])


def _candidates(papers: PaperQuerySet, day_of_queue: date) -> Iterator[tuple[int, Candidate]]:
    """Primary keys, and what the model knows of these papers."""
    rows = papers.values_list(
        *COLUMNS,
        Coalesce(KT("extra__organization__fullname"), KT("extra__organization__name")),
        *LINKS,
        F("ranked_votes") + F("votes_brought"),
    )
    for pk, day, authors, submitter, submitter_id, organization, code, project, votes in rows:
        yield (
            pk,
            Candidate(
                day=day or day_of_queue,
                authors=authors or (),
                submitter=fold_name(submitter) or (f"#{submitter_id}" if submitter_id else ""),
                organization=fold_name(organization or ""),
                has_code=bool(code),
                has_project=bool(project),
                votes=votes,
            ),
        )
