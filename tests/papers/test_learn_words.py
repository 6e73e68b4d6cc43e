"""The word table learns from this site's papers, is kept if it finds more, and loses nothing."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from papers.models import (
    EmbeddingJob,
    EmbeddingModel,
    LearnedTable,
    Paper,
    PaperEmbedding,
    PaperSearch,
    WordTraining,
)
from papers.models.claim_lease import lease
from papers.models.learned_table import MAX_ATTEMPTS
from papers.search import embed_queue, learn_words, run, title_questions, vector_models, word_table
from papers.search.word_training import Pair
from papers.tasks import embed, train_word_table
from tests.factories import a_paper, numbers

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 17, 6, tzinfo=UTC)
SUBJECTS = 40


def papers_of_a_field(count: int) -> None:
    """Titles say their subjects in words of their own, which no paper of the shipped table has."""
    chance = np.random.default_rng(5)
    papers, entries = [], []
    for _ in range(count):
        key = f"2503.{next(numbers):05}"
        subjects = chance.choice(SUBJECTS, size=3, replace=False)
        title = " ".join(f"titlon{subject}" for subject in subjects)
        abstract = " ".join(f"abstron{subject}" for subject in subjects)
        papers.append(Paper(key=key, title=title, abstract=abstract))
        entries.append((title, abstract))
    papers = Paper.objects.bulk_create(papers)
    PaperSearch.objects.bulk_create(
        PaperSearch(paper=paper, title=title, abstract=abstract)
        for paper, (title, abstract) in zip(papers, entries, strict=True)
    )


@pytest.mark.slow
def test_command_keeps_a_table_that_finds_more_and_says_both_figures(capsys):
    papers_of_a_field(learn_words.MIN_PAPERS)
    EmbeddingModel.objects.create(version=vector_models.shipped().version, serving=True)
    assert learn_words.has_work(NOW) and not embed_queue.has_work(NOW)

    call_command("learn_words")

    training, said = WordTraining.objects.get(), capsys.readouterr().out
    assert training.found > training.found_before and training.questions == 400
    assert f"{training.found / 400:.1%}" in said and f"{training.found_before / 400:.1%}" in said
    assert "The new table is kept" in said
    assert "titlon3" in vector_models.table_in_use().numbers
    assert vector_models.for_papers().version == LearnedTable.objects.get().version
    assert not learn_words.has_work(NOW)  # the papers have not doubled
    assert embed_queue.has_work(NOW)


@pytest.mark.slow
def test_table_that_finds_no_more_is_not_kept(capsys):
    learned = a_learned_table("cats", "north", "live", "there")
    for _ in range(30):
        a_paper_with_text("Cats of the north", "Many cats live there.")

    training = learn_words.run(NOW)

    assert training is not None and not training.is_kept
    assert training.questions and training.papers == 30
    assert [table.version for table in LearnedTable.objects.all()] == [learned]


def test_too_few_papers_and_another_model_are_said(settings, tmp_path):
    with pytest.raises(CommandError, match=r"2,000 papers with an abstract are needed.* 0"):
        call_command("learn_words")

    settings.EMBEDDING_MODEL = str(tmp_path)
    with pytest.raises(CommandError, match="EMBEDDING_MODEL"):
        call_command("learn_words")
    assert not learn_words.has_work(NOW)


def test_training_is_due_when_the_papers_have_doubled_or_a_release_has_another_table():
    training = WordTraining(papers=3_000, shipped_version="words-1-aa")

    assert not training.is_due(5_999, 2_000, "words-1-aa", NOW)
    assert training.is_due(6_000, 2_000, "words-1-aa", NOW)
    assert training.is_due(3_000, 2_000, "words-1-bb", NOW)
    assert not training.is_due(1_999, 2_000, "words-1-bb", NOW)
    training.lease_until = NOW + timedelta(seconds=1)
    assert not training.is_due(6_000, 2_000, "words-1-aa", NOW)
    training.lease_until, training.attempts = None, MAX_ATTEMPTS
    assert not training.is_due(6_000, 2_000, "words-1-aa", NOW)


def test_training_of_a_killed_worker_is_done_again_and_its_late_result_is_not_saved():
    killed = WordTraining.objects.claim(NOW)
    assert killed and WordTraining.objects.claim(NOW) is None
    assert learn_words.run(NOW) is None

    later = NOW + lease() + timedelta(seconds=1)
    again = WordTraining.objects.claim(later)

    assert again and again.attempts == 2
    assert not killed.finish(later)
    assert again.finish(later)
    assert WordTraining.objects.get().attempts == 0


def test_nothing_is_trained_while_papers_wait_for_their_vectors():
    papers_of_a_field(3)
    EmbeddingJob.objects.queue([Paper.objects.first().pk])

    assert not learn_words.has_work(NOW)
    train_word_table()

    assert not WordTraining.objects.exclude(trained_at=None).exists()


# --- Between two tables ---


def a_paper_with_text(title: str, abstract: str) -> Paper:
    paper = a_paper(title, abstract=abstract)
    PaperSearch.objects.create(paper=paper, title=title, abstract=abstract)
    EmbeddingJob.objects.queue([paper.pk])
    return paper


def a_learned_table(*words: str) -> str:
    """It knows these words alone, as the same."""
    table = word_table.make(words, np.eye(1, 256).repeat(len(words), axis=0), 0.0)
    vector_models.store(table)
    return table.version


def found(text: str) -> list[str]:
    return [paper.title for paper in run.search_papers(text).papers]


def test_queries_use_the_old_table_until_every_paper_has_a_vector_of_the_new():
    codes = a_paper_with_text("Error correction", "Stabilizer codes for quantum computers.")
    a_paper_with_text("Fermentation", "Bread and beer.")
    embed()
    a_learned_table("bread", "qubits", "dough")

    late = a_paper_with_text("Dough", "It rises.")
    embed_queue.embed_batch()  # all vectors of the new table are there, and do not serve yet

    assert PaperEmbedding.objects.count() == 5
    assert found("qubits") == [codes.title]  # by its meaning
    assert found("dough") == [late.title]  # by its words
    assert [paper.title for paper in run.similar(late)] == ["Fermentation", codes.title]
    embed()

    assert EmbeddingModel.objects.get().version == vector_models.for_papers().version
    assert found("qubits") == ["Fermentation", "Dough"]  # the new table knows no better
    assert [paper.title for paper in run.similar(late)][0] == "Fermentation"


def test_vectors_made_with_the_old_table_are_not_stored_once_there_is_a_new():
    paper = a_paper_with_text("Felines", "Kittens and their mothers.")
    old = EmbeddingModel.objects.prepare(vector_models.shipped().version)
    a_learned_table("felines")
    new = EmbeddingModel.objects.prepare(vector_models.for_papers().version)
    claimed = EmbeddingJob.objects.claim(NOW, 10)

    PaperEmbedding.objects.store(claimed, np.ones((1, 256)), old)  # a worker that knows no better

    assert not PaperEmbedding.objects.exists()
    assert EmbeddingJob.objects.get().paper == paper
    assert not EmbeddingModel.objects.serve_newest()
    PaperEmbedding.objects.store(claimed, np.ones((1, 256)), new)
    assert EmbeddingModel.objects.serve_newest()
    assert [model.version for model in EmbeddingModel.objects.all()] == [new.version]


def test_query_embedded_just_before_the_change_finds_nothing_by_meaning_after_it():
    a_paper_with_text("Felines", "Kittens and their mothers.")
    embed()
    vector = vector_models.query_vector("quantum felines")
    a_learned_table("felines")
    embed()

    assert not PaperEmbedding.objects.filter(model=vector.model_id).exists()
    assert vector_models.query_vector("quantum felines").model_id != vector.model_id


def test_tables_that_nothing_uses_are_deleted():
    a_paper_with_text("Felines", "Kittens and their mothers.")
    serving = a_learned_table("felines")
    embed()
    a_learned_table("kittens")
    newest = a_learned_table("mothers")

    versions = list(LearnedTable.objects.order_by("pk").values_list("version", flat=True))

    assert versions == [serving, newest]
    assert EmbeddingModel.objects.serving_version() == serving
    assert vector_models.for_papers().version == newest


# --- Judging ---


def test_titles_that_find_their_abstracts_are_counted_with_and_without_their_words():
    pairs = [Pair("cat", "A cat with a kitten."), Pair("bread", "Some bread.")]
    others = ["dough"] * title_questions.BEST
    rows = np.eye(3, 256)[[0, 0, 1, 2]]
    table = word_table.make(["cat", "kitten", "bread", "dough"], rows, 0.0)

    assert title_questions.found(table, pairs, others) == 3  # all but bread without its word
    assert title_questions.found(table, [], others) == 0
