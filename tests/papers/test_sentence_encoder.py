"""EMBEDDING_MODEL may be a sentence encoder: of the extra, or in a folder; of any dimensions."""

import sys
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from environs import ValidationError

from config.environment import ENCODER_PACKAGES, check_embedding_model
from papers.ingest.upsert import upsert
from papers.models import EmbeddingModel, Paper, PaperEmbedding
from papers.search import embeddings, run, vector_models
from papers.tasks import embed
from tests.factories import an_entry
from tests.papers.test_embeddings import a_tokenizer

NOW = datetime(2025, 3, 17, 6, tzinfo=UTC)
DIMENSIONS = 384


class Session:
    """Stands in for onnxruntime's: the output of a token is the unit vector of its number."""

    def __init__(self, model: str, options: object, providers: list[str]) -> None:
        assert Path(model).is_file()

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in ("input_ids", "attention_mask")]

    def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert list(inputs) == ["input_ids", "attention_mask"]
        return [np.eye(DIMENSIONS, dtype=np.float32)[inputs["input_ids"]]]


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder with a model and a tokenizer of three words; onnxruntime is the Session above."""
    runtime = ModuleType("onnxruntime")
    runtime.__spec__ = ModuleSpec("onnxruntime", None)
    runtime.InferenceSession = Session  # type: ignore[attr-defined]
    runtime.SessionOptions = SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    (tmp_path / "model.onnx").write_bytes(b"a model")
    a_tokenizer().save(str(tmp_path / "tokenizer.json"))
    return str(tmp_path)


def test_vector_is_the_mean_over_the_tokens_of_a_text(encoder):
    both, one = embeddings.embed(["cat dog", "dog"], encoder)

    assert both.shape == (DIMENSIONS,)
    assert np.allclose(both[:3], [0, 0.5**0.5, 0.5**0.5])
    assert np.allclose(one[:3], [0, 0, 1])
    assert embeddings.load(encoder).version.startswith(f"onnx-{DIMENSIONS}-")


@pytest.mark.django_db
def test_site_goes_over_to_an_encoder_of_other_dimensions_and_back(settings, encoder):
    upsert(
        [an_entry(title="Cat", abstract="Cat."), an_entry(title="Dog", abstract="Dog.")], now=NOW
    )
    embed()
    cat = Paper.objects.get(title="Cat")

    settings.EMBEDDING_MODEL = encoder
    embed()

    model = EmbeddingModel.objects.get()
    assert model.version == embeddings.load(encoder).version
    assert [len(row.vector) for row in PaperEmbedding.objects.all()] == [DIMENSIONS] * 2
    assert run.search_papers("cat").papers[0] == cat
    assert [paper.title for paper in run.similar(cat)] == ["Dog"]

    settings.EMBEDDING_MODEL = ""
    embed()
    assert EmbeddingModel.objects.get().version == vector_models.shipped().version
    assert [paper.title for paper in run.similar(cat)] == ["Dog"]


@pytest.mark.parametrize("missing", ENCODER_PACKAGES)
def test_extra_that_is_not_installed_is_named_with_its_command(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(ValidationError) as error:
        check_embedding_model("encoder")

    assert str(error.value) == "“encoder” needs further packages: pip install '.[encoder]'"


def test_folder_of_an_encoder_needs_the_extra_too(monkeypatch, encoder):
    check_embedding_model(encoder)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ValidationError, match=r"pip install '\.\[encoder\]'"):
        check_embedding_model(encoder)
    with pytest.raises(embeddings.BadModel, match=r"pip install '\.\[encoder\]'"):
        embeddings.embed(["cat"], encoder)


def test_folder_whose_files_cannot_be_read_is_named(encoder):
    (Path(encoder) / "tokenizer.json").write_text("{}")

    with pytest.raises(embeddings.BadModel, match=encoder):
        embeddings.embed(["cat"], encoder)


if all(
    map(find_spec, ENCODER_PACKAGES)
):  # defined only then: it tests a package that a site may add

    def test_encoder_of_the_extra_knows_what_is_near():
        qubits, mended, cats = embeddings.embed(
            ["quantum error correction", "correcting errors of qubits", "pictures of cats"],
            embeddings.ENCODER,
        )

        assert qubits.shape == (384,)
        assert qubits @ mended > 0.5 > 0.3 > qubits @ cats
        model = embeddings.load(embeddings.ENCODER)
        assert model.knows("graph neural networks") and not model.knows("qwzxqj")
