"""Papers get their vectors from a worker, whatever happens to it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from papers.ingest.upsert import upsert
from papers.models import Paper, PaperEmbedding
from papers.models.embedding import MAX_ATTEMPTS
from papers.models.lease import lease
from papers.search import embed_queue, embeddings, run
from papers.tasks import embed
from tests.factories import an_entry

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 17, 6, tzinfo=UTC)


def test_vector_has_length_one_and_near_texts_are_near():
    qubits, mended, cats = embeddings.embed(
        ["quantum error correction", "mending errors of qubits", "pictures of cats"]
    )

    assert (qubits.shape, qubits.dtype) == ((256,), np.float32)
    assert abs(np.linalg.norm(qubits) - 1) < 1e-5
    assert qubits @ mended > qubits @ cats


def test_text_without_a_word_has_no_direction():
    assert not embeddings.embed([""]).any()


def test_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(embeddings.BadModel, match=str(tmp_path)):
        embeddings.embed(["text"], str(tmp_path))


def test_another_model_is_a_folder(tmp_path):
    from pathlib import Path
    from shutil import copy

    import wordllama
    from safetensors.numpy import load_file, save_file

    packaged = Path(wordllama.__file__).parent
    (weights,) = packaged.glob("weights/*256.safetensors")
    (tokenizer,) = packaged.glob("tokenizers/l2*.json")
    save_file(
        {"embeddings": load_file(weights)["embedding.weight"]}, tmp_path / "model.safetensors"
    )
    copy(tokenizer, tmp_path / "tokenizer.json")

    assert np.allclose(embeddings.embed(["text"], str(tmp_path)), embeddings.embed(["text"]))


def test_worker_embeds_until_none_is_left():
    upsert([an_entry() for _ in range(embed_queue.AT_ONCE + 5)], now=NOW)

    embed()

    assert not PaperEmbedding.objects.filter(vector=None).exists()
    assert not PaperEmbedding.objects.exclude(lease_until=None, attempts=0).exists()


def test_claimed_papers_are_nobody_elses_until_the_lease_ends():
    upsert([an_entry()], now=NOW)

    mine, theirs = PaperEmbedding.objects.claim(NOW, 10), PaperEmbedding.objects.claim(NOW, 10)
    later = PaperEmbedding.objects.claim(NOW + lease() + timedelta(seconds=1), 10)

    assert (len(mine), len(theirs), len(later)) == (1, 0, 1)


def test_text_on_which_workers_die_is_given_up_and_takes_no_other_with_it():
    upsert([an_entry() for _ in range(3)], now=NOW)
    moment = NOW
    assert len(PaperEmbedding.objects.claim(moment, 10)) == 3  # and the worker dies

    for _ in range(3 * MAX_ATTEMPTS):
        moment += lease() + timedelta(seconds=1)
        assert len(PaperEmbedding.objects.claim(moment, 10)) <= 1

    assert PaperEmbedding.objects.filter(dead_at__isnull=False).count() == 3
    assert not PaperEmbedding.objects.pending(moment + lease() * 2).exists()


def test_reworded_paper_is_embedded_anew_and_other_news_leave_it():
    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Of cats")], now=NOW)
    embed()
    before = PaperEmbedding.objects.get().vector

    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Of cats", upvotes=9)], now=NOW)
    assert Paper.objects.get().votes_brought == 9
    # its abstract is another, as every entry's of the factory is
    assert PaperEmbedding.objects.get().vector is None
    embed()

    assert PaperEmbedding.objects.get().vector != before


def test_vector_of_a_text_that_changed_meanwhile_is_not_kept():
    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Of cats")], now=NOW)
    claimed = PaperEmbedding.objects.claim(NOW, 10)
    upsert([an_entry(arxiv_id="2503.00001", version=2, title="Of dogs")], now=NOW)

    PaperEmbedding.objects.save_vectors(claimed, embeddings.embed(["Of cats"]))

    assert PaperEmbedding.objects.get().vector is None
    assert PaperEmbedding.objects.pending(NOW).exists()


def test_similar_works_before_the_paper_itself_is_embedded():
    upsert([an_entry(title="Cats and kittens"), an_entry(title="Qubits")], now=NOW)
    embed()
    upsert([an_entry(title="Kittens", abstract="Of cats.")], now=NOW)

    similar = run.similar(Paper.objects.get(title="Kittens"))

    assert [paper.title for paper in similar] == ["Cats and kittens", "Qubits"]
    assert 0 <= similar[1].closeness <= similar[0].closeness <= 1
