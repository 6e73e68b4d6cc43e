"""Papers get their vectors from a worker, whatever happens to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from papers.ingest.upsert import upsert
from papers.models import EmbeddingJob, EmbeddingModel, Paper, PaperEmbedding
from papers.models.claim_lease import lease
from papers.models.embedding import MAX_ATTEMPTS
from papers.search import embed_queue, embeddings, run
from papers.tasks import embed
from tests.factories import an_entry

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 17, 6, tzinfo=UTC)


@pytest.fixture
def another_model(tmp_path: Path) -> str:
    """The folder of a static model that knows three words."""
    words = ["cats", "dogs", "of"]
    rows = np.eye(len(words), 384, dtype=np.float32)  # not as many as the word table has
    save_file({"embeddings": rows}, tmp_path / "model.safetensors")
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(words)}, unk_token="of"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path)


def test_another_model_is_a_folder(another_model):
    cats, dogs = embeddings.embed(["cats", "dogs"], another_model)

    assert cats.argmax() == 0
    assert dogs.argmax() == 1
    assert embeddings.load(another_model).version != embeddings.load().version


def test_worker_embeds_until_none_is_left():
    upsert([an_entry() for _ in range(embed_queue.BATCH_PAPERS + 5)], now=NOW)

    embed()

    assert PaperEmbedding.objects.serving().count() == embed_queue.BATCH_PAPERS + 5
    assert not EmbeddingJob.objects.exists()


def test_claimed_papers_are_nobody_elses_until_the_lease_ends():
    upsert([an_entry()], now=NOW)

    mine, theirs = EmbeddingJob.objects.claim(NOW, 10), EmbeddingJob.objects.claim(NOW, 10)
    later = EmbeddingJob.objects.claim(NOW + lease() + timedelta(seconds=1), 10)

    assert (len(mine), len(theirs), len(later)) == (1, 0, 1)


def test_text_on_which_workers_die_is_given_up_and_takes_no_other_with_it():
    upsert([an_entry() for _ in range(3)], now=NOW)
    moment = NOW
    assert len(EmbeddingJob.objects.claim(moment, 10)) == 3  # and the worker dies

    for _ in range(3 * MAX_ATTEMPTS):
        moment += lease() + timedelta(seconds=1)
        assert len(EmbeddingJob.objects.claim(moment, 10)) <= 1

    assert EmbeddingJob.objects.filter(dead_at__isnull=False).count() == 3
    assert not EmbeddingJob.objects.pending(moment + lease() * 2).exists()


def test_reworded_paper_is_embedded_anew_and_its_old_vector_serves_until_then():
    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Of cats", abstract="A.")], now=NOW)
    embed()
    before = PaperEmbedding.objects.get().vector

    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Of cats", abstract="Dogs.")], now=NOW)
    assert PaperEmbedding.objects.get().vector == before
    embed()

    assert PaperEmbedding.objects.get().vector != before


def test_paper_whose_text_stays_is_not_embedded_again():
    entry = an_entry(arxiv_id="2503.00001", version=1)
    upsert([entry], now=NOW)
    embed()

    upsert([replace(entry, upvotes=9)], now=NOW)

    assert Paper.objects.get().votes_brought == 9
    assert not EmbeddingJob.objects.exists()


def test_vector_of_a_text_that_changed_meanwhile_is_not_kept():
    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Of cats")], now=NOW)
    model = EmbeddingModel.objects.prepare(embeddings.load().version)
    claimed = EmbeddingJob.objects.claim(NOW, 10)
    upsert([an_entry(arxiv_id="2503.00001", version=2, title="Of dogs")], now=NOW)

    PaperEmbedding.objects.store(claimed, embeddings.embed(["Of cats"]), model)

    assert not PaperEmbedding.objects.exists()
    assert EmbeddingJob.objects.pending(NOW).exists()


# --- Another model ---


def test_old_vectors_serve_until_every_paper_has_a_new_one(settings, another_model):
    upsert([an_entry(title="Of cats"), an_entry(title="Of dogs")], now=NOW)
    embed()
    paper = Paper.objects.get(title="Of cats")
    settings.EMBEDDING_MODEL = another_model
    new = EmbeddingModel.objects.prepare(embeddings.load(another_model).version)

    jobs = EmbeddingJob.objects.claim(NOW, 1)
    vectors = embeddings.embed(["cats"], another_model)
    PaperEmbedding.objects.store(jobs, vectors, new)

    assert PaperEmbedding.objects.count() == 3
    assert EmbeddingModel.objects.serving_version() == embeddings.load().version
    assert [other.title for other in run.similar(paper)] == ["Of dogs"]
    assert run.search_papers("cats").papers == [paper]  # by its words


def test_new_vectors_replace_the_old_when_all_are_there(settings, another_model):
    upsert([an_entry(title="Of cats"), an_entry(title="Of dogs")], now=NOW)
    embed()
    settings.EMBEDDING_MODEL = another_model
    assert embed_queue.has_work(NOW)

    embed()

    assert EmbeddingModel.objects.serving_version() == embeddings.load(another_model).version
    assert PaperEmbedding.objects.count() == 2
    assert not embed_queue.has_work(NOW)


def test_going_back_to_the_old_model_drops_the_unfinished_one(settings, another_model):
    upsert([an_entry(title="Of cats"), an_entry(title="Of dogs")], now=NOW)
    embed()
    EmbeddingModel.objects.prepare(embeddings.load(another_model).version)

    embed()

    assert [model.version for model in EmbeddingModel.objects.all()] == [embeddings.load().version]
    assert PaperEmbedding.objects.serving().count() == 2
    assert not embed_queue.has_work(NOW)


def test_paper_that_comes_during_the_change_is_found_after_it(settings, another_model):
    upsert([an_entry(title="Of cats")], now=NOW)
    embed()
    settings.EMBEDDING_MODEL = another_model
    EmbeddingModel.objects.prepare(embeddings.load(another_model).version)
    upsert([an_entry(title="Of dogs")], now=NOW)

    embed()

    assert PaperEmbedding.objects.serving().count() == 2


def test_similar_works_before_the_paper_itself_is_embedded():
    upsert([an_entry(title="Cats and kittens"), an_entry(title="Qubits")], now=NOW)
    embed()
    upsert([an_entry(title="Kittens", abstract="Of cats.")], now=NOW)

    similar = run.similar(Paper.objects.get(title="Kittens"))

    assert [paper.title for paper in similar] == ["Cats and kittens", "Qubits"]
    assert 0 <= similar[1].closeness <= similar[0].closeness <= 1
