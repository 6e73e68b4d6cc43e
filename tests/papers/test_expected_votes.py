"""Expected votes: trained by night on this site's votes, given to new papers, switched off."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pgvector import HalfVector

from papers import expected_votes, ranking
from papers.models import EmbeddingModel, Paper, PaperEmbedding, PaperSearch, TrainedVoteModel
from papers.models.embedding import EmbeddingModelManager
from papers.tasks import update_expected_votes
from tests.factories import a_paper, a_topic

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
PLAIN, POPULAR = (HalfVector(row) for row in np.eye(256)[:2])


def a_vector_for(paper: Paper, vector: HalfVector = PLAIN, model: str = "words-1") -> Paper:
    made_by, _ = EmbeddingModel.objects.get_or_create(version=model, defaults={"serving": True})
    PaperEmbedding.objects.create(paper=paper, model=made_by, vector=vector)
    names = [name.lower() for name in paper.authors]
    PaperSearch.objects.create(paper=paper, title=paper.title, author_names=names)
    return paper


@pytest.fixture
def past() -> None:
    """310 papers of 31 days: those by Ada Quill and those of popular content have many votes."""
    for number in range(310):
        kind = number % 10
        vector = POPULAR if kind == 1 else PLAIN
        paper = a_paper(
            authors=["Ada Quill"] if kind == 0 else [f"Author {number}"],
            upvotes=30 if kind < 2 else 1,
            listed_on=TODAY - timedelta(days=8 + number // 10),
        )
        a_vector_for(paper, vector)


@pytest.mark.slow
def test_new_papers_are_ordered_before_anyone_votes_and_say_why(past, client: Client):
    plain = a_vector_for(a_paper("Plain", key="2503.90003", authors=["Zoe"], listed_on=TODAY))
    author = a_vector_for(a_paper("By Ada", authors=["Ada Quill"], listed_on=TODAY))
    queued = a_paper("Queued", listed_on=None, listing_wanted=True, submitted_at=NOW)
    a_vector_for(queued, POPULAR)
    waiting = a_paper("Waits for its vector", listed_on=TODAY)
    old = Paper.objects.filter(listed_on__lt=TODAY).values_list("pk", "hotness")

    before = dict(old)
    update_expected_votes()
    papers = {paper.title: paper for paper in Paper.objects.all()}

    model = TrainedVoteModel.objects.get()
    assert (model.papers, model.voted_papers, model.embedding_version) == (310, 310, "words-1")
    assert model.accuracy > 0.6
    assert papers["By Ada"].expected_votes > 1 > papers["Plain"].expected_votes > 0
    assert papers["Queued"].expected_votes > 1
    assert papers["Queued"].expected_parts["content"] > 0.5
    assert papers[waiting.title].expected_votes == 0
    assert dict(old) == before, "older papers keep their hotness"
    for paper in (papers["By Ada"], papers["Plain"]):
        assert paper.hotness == pytest.approx(ranking.hotness(paper.expected_votes, TODAY))
    page = client.get(f"/papers/date/{TODAY}").content.decode()
    assert page.index("By Ada") < page.index("Plain")
    assert f" and {papers['By Ada'].expected_votes:.1f} expected (1 for any paper, " in page
    assert "authors +" in page
    assert "so the newest come first" not in page
    facts = client.get(f"/papers/{author.key}").content.decode()
    assert "Ranking</dt>" in facts
    assert "authors +" in facts
    # A vote or two outweigh it; a paper whose vector comes later gets its own with the next sweep.
    Paper.objects.filter(pk=plain.pk).update(votes_brought=4)
    assert list(Paper.objects.listed(TODAY, TODAY).sorted("hot"))[0] == plain
    a_vector_for(waiting)
    assert expected_votes.has_work(NOW)
    update_expected_votes()
    waiting.refresh_from_db()
    assert waiting.expected_votes > 0
    assert not expected_votes.has_work(NOW), "nothing is left to do until the night"
    assert expected_votes.has_work(NOW + timedelta(days=1))
    assert expected_votes.score(Paper.objects.filter(pk=author.pk), NOW) == 0, "nothing changed"


def test_too_few_votes_make_no_model_and_the_newest_come_first(client: Client):
    older = a_vector_for(a_paper("Older", key="2503.10001", listed_on=TODAY))
    newer = a_vector_for(a_paper("Newer", key="2503.10002", listed_on=TODAY))
    a_vector_for(a_paper(upvotes=3, listed_on=TODAY - timedelta(days=9)))

    update_expected_votes()

    model = TrainedVoteModel.objects.get()
    assert (model.trained_at, model.voted_papers) == (None, 1)
    assert list(Paper.objects.listed(TODAY, TODAY).sorted("hot")) == [newer, older]
    assert expected_votes.has_work(NOW + timedelta(hours=2)), "votes may be imported at any time"
    assert "so the newest come first" in client.get(f"/papers/date/{TODAY}").content.decode()
    page = client.get("/about/ranking").content.decode()
    assert "They begin when 300 papers" in page
    assert "so far 1 has" in page


@pytest.mark.slow
def test_switched_off_it_takes_no_part(past, settings, client: Client):
    paper = a_vector_for(a_paper(authors=["Ada Quill"], listed_on=TODAY))
    update_expected_votes()
    assert "on held-out papers" in client.get("/about/ranking").content.decode()

    settings.EXPECTED_SCORE = False
    assert expected_votes.has_work(NOW)
    update_expected_votes()

    paper.refresh_from_db()
    assert (paper.expected_votes, paper.expected_parts) == (0, {})
    assert paper.hotness == pytest.approx(ranking.hotness(0, TODAY))
    assert TrainedVoteModel.objects.get().weights == []
    assert "switched off on this site" in client.get("/about/ranking").content.decode()


@pytest.mark.slow
def test_weights_of_other_vectors_are_not_used_and_the_model_is_trained_again(past):
    update_expected_votes()
    EmbeddingModel.objects.update(version="words-2")
    paper = a_vector_for(a_paper(listed_on=TODAY), model="words-2")

    assert expected_votes.score(Paper.objects.filter(pk=paper.pk), NOW) == 0
    # Nor are those of a release with other features.
    TrainedVoteModel.objects.update(embedding_version="words-2", weights=[0.5])
    update_expected_votes()
    paper.refresh_from_db()
    assert paper.expected_votes == 0
    update_expected_votes()
    paper.refresh_from_db()
    assert paper.expected_votes > 0


@pytest.mark.slow
def test_vectors_that_are_replaced_meanwhile_are_not_mixed_with_others(past, monkeypatch):
    paper = a_vector_for(a_paper(authors=["Ada Quill"], listed_on=TODAY))
    serving_version = EmbeddingModelManager.serving_version

    def replace_afterwards(manager: EmbeddingModelManager) -> str:
        version = serving_version(manager)
        EmbeddingModel.objects.update(version="words-2")
        return version

    with monkeypatch.context() as replaced:
        replaced.setattr(EmbeddingModelManager, "serving_version", replace_afterwards)
        assert expected_votes.train(NOW).trained_at is None

    model = expected_votes.train(NOW)
    assert (model.embedding_version, model.papers) == ("words-2", 310)
    TrainedVoteModel.objects.update(embedding_version="words-1")
    EmbeddingModel.objects.update(version="words-1")
    monkeypatch.setattr(EmbeddingModelManager, "serving_version", replace_afterwards)
    assert expected_votes.score(Paper.objects.filter(pk=paper.pk), NOW) == 0


def test_one_worker_alone_trains():
    due = TrainedVoteModel.objects.current().next_training_at

    assert TrainedVoteModel.objects.claim(due)
    assert not TrainedVoteModel.objects.claim(due)
    assert TrainedVoteModel.objects.claim(due + timedelta(hours=2)), "the worker died"


def test_a_change_during_the_training_is_not_put_off_until_the_night():
    due = TrainedVoteModel.objects.current().next_training_at
    TrainedVoteModel.objects.update(trained_at=due)

    assert TrainedVoteModel.objects.claim(due)
    TrainedVoteModel.objects.train_soon(due)
    TrainedVoteModel.objects.train_again_next_night(due)

    assert TrainedVoteModel.objects.claim(due)
    TrainedVoteModel.objects.train_again_next_night(due)
    assert not TrainedVoteModel.objects.claim(due + timedelta(minutes=30))


def test_topics_usual_votes_are_smoothed():
    large, small = a_topic("large"), a_topic("small")
    for number in range(40):
        topic, votes = (large, 30) if number < 38 else (small, 1)
        paper = a_paper(upvotes=votes, listed_on=TODAY - timedelta(days=number))
        paper.topics.add(topic)

    expected_votes.update_vote_shares(NOW)

    large.refresh_from_db()
    small.refresh_from_db()
    mean = (38 * 30 + 2) / 40
    assert large.vote_share == pytest.approx((38 * 30 + 20 * mean) / 58 / mean, abs=0.01)
    assert small.vote_share == pytest.approx((2 + 20 * mean) / 22 / mean, abs=0.01)
