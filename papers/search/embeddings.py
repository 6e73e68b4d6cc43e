"""What a text means, as a direction in 256 dimensions: texts that mean the same point the same way.

The default model comes in a wheel and needs neither network nor GPU. Another one is a folder with
`model.safetensors` and `tokenizer.json`: a static model as Model2Vec writes them.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wordllama.inference import WordLlamaInference

DIMENSIONS = 256
LONGEST = 10_000  # characters of a text that are read
TENSORS = ("embeddings", "embedding.weight")  # what a model file may call its only table


class BadModel(ValueError):
    """The folder named holds no model that we can use."""


def embed(texts: Sequence[str], model: str = "") -> np.ndarray:
    """A row of length one for each text; of zeros where it holds no word at all."""
    table = _model(model).embed([text[:LONGEST] for text in texts])
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    known = np.isfinite(lengths) & (lengths > 0)
    return np.where(known, table / np.where(known, lengths, 1), 0).astype(np.float32)


def model_version(model: str = "") -> str:
    """The name of what makes vectors: those of two versions are never compared."""
    return model[-100:] or "wordllama-256"


@cache
def _model(folder: str) -> "WordLlamaInference":
    """Loaded when first asked for, once in each process; its library too, which takes 50 MB."""
    if folder:
        return _from_folder(Path(folder))
    import wordllama

    packaged = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=packaged, dim=DIMENSIONS, disable_download=True)


def _from_folder(folder: Path) -> "WordLlamaInference":
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer
    from wordllama.inference import WordLlamaInference

    try:
        tensors = load_file(folder / "model.safetensors")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the two libraries raise their own
        raise BadModel(f"no model in {folder}: {error}") from error
    table = next((tensors[name] for name in TENSORS if name in tensors), None)
    if table is None or table.ndim != 2 or table.shape[1] < DIMENSIONS:
        raise BadModel(f"the model in {folder} has no table of at least {DIMENSIONS} dimensions")
    return WordLlamaInference(table[:, :DIMENSIONS], tokenizer)
