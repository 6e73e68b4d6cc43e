"""A static model as Model2Vec writes them: `model.safetensors` and `tokenizer.json` in a folder.

The vector of a text is the mean of the rows of its tokens.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from papers.search.model_files import digest, has_known_word

MODEL, TOKENIZER = "model.safetensors", "tokenizer.json"
TENSOR_NAMES = ("embeddings", "embedding.weight")  # what a model file may call its only table


class StaticModel:
    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        tensors = load_file(folder / MODEL)
        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        rows = next((tensors[name] for name in TENSOR_NAMES if name in tensors), None)
        if rows is None or rows.ndim != 2:
            raise ValueError("it has no table of vectors")
        self.rows: np.ndarray = rows
        # Newer Model2Vec files share rows between tokens, and weigh each token.
        if "mapping" in tensors:
            self.rows = self.rows[tensors["mapping"]]
        if "weights" in tensors:
            self.rows = self.rows * tensors["weights"][:, None]
        self.dimensions = self.rows.shape[1]
        content = digest(folder / MODEL, folder / TOKENIZER)
        self.version = f"static-{self.dimensions}-{content}"
        self.tokenizer.no_padding()  # else padding would count as tokens of the text
        self.tokenizer.no_truncation()

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._mean(text) for text in texts])

    def knows(self, text: str) -> bool:
        return has_known_word(self.tokenizer, text)

    def _mean(self, text: str) -> np.ndarray:
        tokens = np.array(self.tokenizer.encode(text, add_special_tokens=False).ids, np.int64)
        tokens = tokens[tokens < len(self.rows)]
        if not tokens.size:
            return np.zeros(self.dimensions, np.float32)
        mean: np.ndarray = self.rows[tokens].astype(np.float32).mean(axis=0)
        return mean
