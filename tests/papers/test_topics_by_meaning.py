"""Topics by meaning: learned on this site, redone on changes, below curators' choices."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from papers import topics_by_meaning
from papers.ingest import topic_rules
from papers.ingest.upsert import upsert
from papers.models import (
    EmbeddingJob,
    EmbeddingModel,
    Paper,
    PaperEmbedding,
    PaperSearch,
    PaperTopic,
    Topic,
    TopicJob,
    TrainedTopicModel,
)
from papers.models.merging import merge
from papers.search import embed_queue
from papers.search.tokenizer import DIMENSIONS
from papers.tasks import find_topics
from tests.factories import MARCH_14, a_paper, a_topic, an_entry

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
LANGUAGE, VISION = np.eye(DIMENSIONS, dtype=np.float32)[:2]
MEANING, CURATOR = PaperTopic.By.MEANING, PaperTopic.By.CURATOR


def with_vector(paper: Paper, vector: np.ndarray, version: str = "words-1") -> Paper:
    """Stores the vector as the worker does, so that the paper waits for topics."""
    model, _ = EmbeddingModel.objects.get_or_create(version=version, defaults={"serving": True})
    PaperSearch.objects.get_or_create(
        paper=paper, defaults={"title": paper.title, "author_names": paper.authors}
    )
    EmbeddingJob.objects.queue([paper.pk])
    jobs = EmbeddingJob.objects.filter(pk=paper.pk)
    jobs.update(lease_until=NOW)
    PaperEmbedding.objects.store(list(jobs), vector[None], model)
    return paper


def topics_of(paper: Paper) -> set[tuple[str, str]]:
    rows = PaperTopic.objects.assigned().filter(paper=paper)
    return set(rows.values_list("topic__slug", "by"))


@pytest.fixture
def topics() -> dict[str, Topic]:
    categories = {"language": ["cs.CL"], "vision": ["cs.CV"], "physics": ["physics.*"]}
    return {slug: a_topic(slug, categories=codes) for slug, codes in categories.items()}


@pytest.fixture
def known(topics) -> None:
    """320 papers with categories, whose vectors say which of two topics they are in."""
    model = EmbeddingModel.objects.create(version="words-1", serving=True)
    papers = [
        Paper(key=f"2502.{n:05}", title=f"Known {n}", categories=["cs.CV" if n % 2 else "cs.CL"])
        for n in range(320)
    ]
    Paper.objects.bulk_create(papers)
    PaperSearch.objects.bulk_create(PaperSearch(paper=paper, title=paper.title) for paper in papers)
    PaperEmbedding.objects.bulk_create(
        PaperEmbedding(paper=paper, model=model, vector=VISION if number % 2 else LANGUAGE)
        for number, paper in enumerate(papers)
    )


def test_papers_without_categories_get_topics_and_are_found_by_them(known, topics, client: Client):
    paper = with_vector(a_paper("Without"), VISION)
    filed = with_vector(a_paper("Filed", categories=["physics.optics"]), VISION)
    topic_rules.assign([filed])

    assert topics_by_meaning.has_work(NOW)
    find_topics()

    model = TrainedTopicModel.objects.get()
    assert (model.papers, model.embedding_version) == (321, "words-1")
    assert model.precision > 0.95
    assert topics_of(paper) == {("vision", MEANING)}
    assert topics_of(filed) == {("physics", PaperTopic.By.RULE)}, "its category is known"
    assert not topics_by_meaning.has_work(NOW), "nothing is left to do until the night"
    assert topics_by_meaning.has_work(NOW + timedelta(days=1))
    page = client.get(f"/papers/date/{MARCH_14}?topic=vision").content.decode()
    assert "Without" in page
    assert '<span class="unseen">, by meaning</span>' in page
    assert "Filed" not in page
    assert "by meaning</span>" in client.get(f"/papers/{paper.key}").content.decode()
    assert "by meaning" not in client.get(f"/papers/{filed.key}").content.decode()
    assert "Without" in client.get("/feeds/topics/vision.atom").content.decode()


def test_a_curators_choice_stays(known, topics):
    against, other = with_vector(a_paper(), VISION), with_vector(a_paper(), VISION)
    PaperTopic.objects.create(paper=against, topic=topics["vision"], by=CURATOR, against=True)
    PaperTopic.objects.create(paper=other, topic=topics["physics"], by=CURATOR)

    find_topics()
    topics_by_meaning.train(NOW)
    find_topics()

    assert topics_of(against) == set()
    assert topics_of(other) == {("physics", CURATOR), ("vision", MEANING)}


def test_topics_are_found_again_when_text_rules_or_vectors_change(known, topics):
    paper = with_vector(a_paper(), VISION)
    find_topics()
    row = PaperTopic.objects.get(paper=paper)

    topics_by_meaning.train(NOW)
    find_topics()
    assert PaperTopic.objects.get(paper=paper) == row, "nothing changed"

    with_vector(paper, LANGUAGE)
    assert topics_by_meaning.has_work(NOW)
    find_topics()
    assert topics_of(paper) == {("language", MEANING)}

    topics["physics"].categories = ["cs.CL"]
    topics["physics"].save()
    assert topics_by_meaning.has_work(NOW)
    find_topics()
    assert topics_of(paper) == {("language", MEANING), ("physics", MEANING)}

    topics["physics"].delete()
    find_topics()
    EmbeddingModel.objects.update(version="words-2")
    TopicJob.objects.queue_all()
    assert not topics_by_meaning.has_work(NOW), "the model is of other vectors"
    assert topics_by_meaning.assign_waiting() == 0
    TrainedTopicModel.objects.train_soon()  # as embed_queue does
    find_topics()
    assert TrainedTopicModel.objects.get().embedding_version == "words-2"
    assert topics_of(paper) == {("language", MEANING)}


def test_without_enough_papers_there_are_none(known, topics):
    paper = with_vector(a_paper(), VISION)
    find_topics()
    Paper.objects.filter(title__startswith="Known 1").delete()
    EmbeddingModel.objects.update(version="words-2")
    TrainedTopicModel.objects.train_soon()

    find_topics()

    model = TrainedTopicModel.objects.get()
    assert (model.trained_at, model.weights) == (None, [])
    assert topics_of(paper) == set()
    assert not topics_by_meaning.has_work(NOW)
    assert topics_by_meaning.has_work(NOW + timedelta(hours=1)), "more may be imported"


def test_it_is_trained_again_when_there_are_many_more_papers_or_after_a_month(known):
    find_topics()
    trained = TrainedTopicModel.objects.filter(pk=1)

    for paper_count, later, again in ((310, 0, False), (200, 0, True), (320, 31, True)):
        trained.update(papers=paper_count, weights=[], next_training_at=NOW)
        topics_by_meaning.run(timezone.now() + timedelta(days=later))
        assert bool(trained.get().weights) == again, (paper_count, later)


def test_a_category_that_comes_later_takes_topics_by_meaning_away(known, topics):
    first = upsert([an_entry(title="Later", categories=(), primary_category="")], now=NOW)
    (paper,) = first.new
    embed_queue.embed_waiting()
    TopicJob.objects.all().delete()
    rows = [PaperTopic(paper=paper, topic=topics[slug], by=MEANING) for slug in topics]
    PaperTopic.objects.bulk_create(rows)

    upsert([an_entry(title="Later", arxiv_id=paper.arxiv_id)], now=NOW)

    assert topics_of(paper) == {("language", PaperTopic.By.RULE)}


def test_words_of_a_rule_replace_a_topic_by_meaning(topics):
    paper = a_paper("Retinal images")
    PaperSearch.objects.create(paper=paper, title=paper.title)
    PaperTopic.objects.create(paper=paper, topic=topics["vision"], by=MEANING)
    PaperTopic.objects.create(paper=paper, topic=topics["language"], by=MEANING)
    Topic.objects.filter(slug="vision").update(words="retinal")

    topic_rules.assign([paper])

    assert topics_of(paper) == {("vision", PaperTopic.By.RULE), ("language", MEANING)}


@pytest.mark.parametrize("categories", [[], ["cs.CL"]])
def test_a_merged_paper_keeps_the_topics_of_its_own_text_or_of_categories(topics, categories):
    kept, duplicate = a_paper(categories=categories), a_paper()
    for paper, slug in ((kept, "physics"), (duplicate, "vision")):
        PaperTopic.objects.create(paper=paper, topic=topics[slug], by=MEANING)

    merge(kept, duplicate)

    assert topics_of(kept) == (set() if categories else {("physics", MEANING)})
