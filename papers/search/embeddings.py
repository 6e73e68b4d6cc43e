"""Text embeddings: unit vectors from the shipped table of words, or from the model in a folder.

The shipped table needs neither network nor GPU, and no library but numpy. A folder holds another
table of words, a static model (static_model.py) or a sentence encoder (sentence_encoder.py).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from papers.search import sentence_encoder, word_table
from papers.search.static_model import StaticModel

MAX_TEXT_CHARS = 10_000  # what stands behind them in a text is not read
ENCODER = "encoder"  # the extra of that name, and what EMBEDDING_MODEL calls the model it brings


class BadModel(ValueError):
    """The folder named holds no model that we can use."""


class Model(Protocol):
    @property
    def version(self) -> str:
        """Names what makes the vectors: those of different versions must not be compared."""

    @property
    def dimensions(self) -> int: ...

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """A row of any length for each text; of zeros where it holds no word."""

    def knows(self, text: str) -> bool:
        """Whether it has learned any word of the text."""


def embed(texts: Sequence[str], folder: str = "") -> np.ndarray:
    """The unit_vectors() of the model in this folder."""
    return unit_vectors(load(folder), texts)


def unit_vectors(model: Model, texts: Sequence[str]) -> np.ndarray:
    """A row of length one for each text; of zeros where it holds no word at all."""
    if not texts:
        return np.zeros((0, model.dimensions), np.float32)
    vectors = model.vectors([text[:MAX_TEXT_CHARS] for text in texts])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    usable = np.isfinite(lengths) & (lengths > 0)
    return np.where(usable, vectors / np.where(usable, lengths, 1), 0).astype(np.float32)


@cache
def load(name: str = "") -> Model:
    """The shipped word table, the encoder of the extra (ENCODER), or the model in a folder.

    Loaded when first needed, once in each process. Raises BadModel.
    """
    folder = Path(name) if name else word_table.SHIPPED
    packages = "'.[model2vec]'"
    try:
        if (folder / "table.json").exists() or not name:
            return word_table.load(folder)
        if name == ENCODER or (folder / sentence_encoder.MODEL).exists():
            packages = "'.[encoder]'"
            return sentence_encoder.load(folder) if name != ENCODER else sentence_encoder.minilm()
        return StaticModel(folder)
    except ImportError as error:
        raise BadModel(f"{name} needs further packages: pip install {packages}") from error
    except Exception as error:  # the libraries raise their own
        raise BadModel(f"no model in {folder}: {error}") from error
