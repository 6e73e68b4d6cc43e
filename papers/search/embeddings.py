"""Text embeddings: unit vectors from the shipped table of words, or from the model in a folder.

The shipped table needs neither network nor GPU, and no library but numpy. A folder holds another
table of words, or a static model as Model2Vec writes them (`model.safetensors` and
`tokenizer.json`).
"""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from papers.search import word_table

MAX_TEXT_CHARS = 10_000  # what stands behind them in a text is not read
TENSOR_NAMES = ("embeddings", "embedding.weight")  # what a model file may call its only table
MODEL_FILES = ("model.safetensors", "tokenizer.json")
HASH_BYTES = 4  # of a model's version: it tells apart the few models one site ever has


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
def load(folder: str = "") -> Model:
    """Loaded when first needed, once in each process. Raises BadModel."""
    if folder and not (Path(folder) / "table.json").exists():
        return StaticModel(Path(folder))
    try:
        return word_table.load(Path(folder) if folder else word_table.SHIPPED)
    except word_table.BadTable as error:
        raise BadModel(str(error)) from error


class StaticModel:
    """A Model2Vec folder: the vector of a text is the mean of the rows of its tokens."""

    def __init__(self, folder: Path) -> None:
        try:
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer
        except ImportError as error:
            needed = "pip install tokenizers safetensors"
            raise BadModel(f"the model in {folder} needs two libraries: {needed}") from error
        try:
            tensors = load_file(folder / "model.safetensors")
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the two libraries raise their own
            raise BadModel(f"no model in {folder}: {error}") from error
        rows = next((tensors[name] for name in TENSOR_NAMES if name in tensors), None)
        if rows is None or rows.ndim != 2:
            raise BadModel(f"the model in {folder} has no table of vectors")
        self.rows: np.ndarray = rows
        # Newer Model2Vec files share rows between tokens, and weigh each token.
        if "mapping" in tensors:
            self.rows = self.rows[tensors["mapping"]]
        if "weights" in tensors:
            self.rows = self.rows * tensors["weights"][:, None]
        self.dimensions = self.rows.shape[1]
        self.version = f"static-{self.dimensions}-{_digest(folder)}"
        self.tokenizer.no_padding()  # else padding would count as tokens of the text
        self.tokenizer.no_truncation()

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._mean(text) for text in texts])

    def knows(self, text: str) -> bool:
        return True  # its tokens are parts of words, down to single letters

    def _mean(self, text: str) -> np.ndarray:
        tokens = np.array(self.tokenizer.encode(text, add_special_tokens=False).ids, np.int64)
        tokens = tokens[tokens < len(self.rows)]
        if not tokens.size:
            return np.zeros(self.dimensions, np.float32)
        mean: np.ndarray = self.rows[tokens].astype(np.float32).mean(axis=0)
        return mean


def _digest(folder: Path) -> str:
    content = blake2b(digest_size=HASH_BYTES)
    for name in MODEL_FILES:
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                content.update(block)
    return content.hexdigest()
