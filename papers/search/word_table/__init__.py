"""A table of word vectors: loads, writes and applies it with numpy alone.

A folder holds `words.txt` (one word a line), `rows.npy` (int8, one row a word), `scales.npy` (what
a row is multiplied by) and `table.json` (version, weight of unknown words).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from papers.search import tokenizer

SHIPPED = Path(__file__).parent
FORMAT = 1  # of the folder and of the way to split words: a table of another one is refused
PREFIX = f"words-{FORMAT}-"  # of the version of every table of this format
MAX_INT8 = 127
# They share the look-up of their words. The longest texts of words all different take 150 MB so.
TEXTS_AT_ONCE = 100


class BadTable(ValueError):
    """The folder holds no table of words that this version can use."""


@dataclass(frozen=True)
class WordTable:
    numbers: Mapping[str, int]  # of a word: the number of its row
    rows: np.ndarray
    scales: np.ndarray
    unknown_norm: float  # length of the row of a word that has none in the table
    version: str

    dimensions = tokenizer.DIMENSIONS

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Of each text the sum of the rows of its words, a repeated word 1 + ln(count) times."""
        starts = range(0, len(texts), TEXTS_AT_ONCE)
        return np.concatenate([self._sums(texts[at : at + TEXTS_AT_ONCE]) for at in starts])

    def _sums(self, texts: Sequence[str]) -> np.ndarray:
        bags = [Counter(tokenizer.split_words(text)) for text in texts]
        words = list(set().union(*bags))
        places = {word: place for place, word in enumerate(words)}
        rows = self.word_rows(words)
        sums = np.empty((len(texts), self.dimensions), np.float32)
        for number, bag in enumerate(bags):
            places_of_bag = np.fromiter((places[word] for word in bag), np.intp, len(bag))
            sums[number] = repeated([*bag.values()]) @ rows[places_of_bag]
        return sums

    def word_rows(self, words: Sequence[str]) -> np.ndarray:
        """A row for each of these different words, also for those that are not in the table."""
        numbers = np.fromiter((self.numbers.get(word, -1) for word in words), np.intp, len(words))
        is_known = numbers >= 0
        known = numbers[is_known]
        rows = np.empty((len(words), self.dimensions), np.float32)
        rows[is_known] = self.rows[known] * self.scales[known, None]
        unknown = [word for word in words if word not in self.numbers]
        rows[~is_known] = self.unknown_norm * tokenizer.unknown_rows(tokenizer.digests(unknown))
        return rows

    def knows(self, text: str) -> bool:
        return any(word in self.numbers for word in tokenizer.split_words(text))


def repeated(counts: Sequence[int] | np.ndarray) -> np.ndarray:
    """What words that stand in a text so often weigh in it."""
    return 1 + np.log(np.asarray(counts, np.float32))


def quantise(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows as int8, and the scale of each. A row of zeros gets the scale 0."""
    scales = np.abs(rows).max(axis=1) / MAX_INT8
    steps = rows / np.where(scales > 0, scales, 1)[:, None]
    return np.rint(steps).astype(np.int8), scales.astype(np.float32)


def make(known: Sequence[str], rows: np.ndarray, unknown_norm: float) -> WordTable:
    """The table of these words; its version names the content."""
    small, scales = quantise(rows)
    content = blake2b(digest_size=4)
    for part in (_lines(known), small.tobytes(), scales.tobytes(), repr(unknown_norm).encode()):
        content.update(part)
    numbers = {word: number for number, word in enumerate(known)}
    return WordTable(numbers, small, scales, unknown_norm, f"{PREFIX}{content.hexdigest()}")


def write(folder: Path, table: WordTable) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.json").unlink(missing_ok=True)  # until all is written this is no table
    (folder / "words.txt").write_bytes(_lines(table.numbers))
    np.save(folder / "rows.npy", table.rows)
    np.save(folder / "scales.npy", table.scales)
    about = {"format": FORMAT, "version": table.version, "unknown_norm": table.unknown_norm}
    (folder / "table.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def unpack(words: str, rows: bytes, scales: bytes, unknown_norm: float, version: str) -> WordTable:
    """A table from the bytes of its arrays, and its words, one a line."""
    numbers = {word: number for number, word in enumerate(words.splitlines())}
    small = np.frombuffer(rows, np.int8).reshape(len(numbers), tokenizer.DIMENSIONS)
    return WordTable(numbers, small, np.frombuffer(scales, np.float32), unknown_norm, version)


def _lines(known: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in known).encode()


def load(folder: Path = SHIPPED) -> WordTable:
    """The rows are mapped, not read: the processes of a machine share one copy in memory."""
    try:
        about = json.loads((folder / "table.json").read_text(encoding="utf-8"))
        text = (folder / "words.txt").read_text(encoding="utf-8")
        rows = np.load(folder / "rows.npy", mmap_mode="r")
        scales = np.load(folder / "scales.npy")
        table_format = about["format"]
        unknown_norm, version = float(about["unknown_norm"]), str(about["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadTable(f"no table of words in {folder}: {error}") from error
    if table_format != FORMAT:
        raise BadTable(f"the table in {folder} is of format {table_format}, not {FORMAT}")
    numbers = {word: number for number, word in enumerate(text.splitlines())}
    if rows.shape != (len(numbers), tokenizer.DIMENSIONS) or scales.shape != (len(numbers),):
        raise BadTable(f"the files of the table in {folder} do not fit each other")
    plain = np.asarray(rows)  # the mapping as a plain array: memmap's own look-ups are slow
    return WordTable(numbers, plain, scales, unknown_norm, version)
