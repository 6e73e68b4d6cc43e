"""Splits a text into folded words of every script, for the table of word vectors."""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

DIMENSIONS = 256
MAX_WORD_CHARS = 64  # a longer run is a link or data; only its beginning is a word

# Accents and vowel points are dropped, as PostgreSQL's unaccent does. The vowel signs of Indian
# scripts and the voice marks of kana stay: without them many words would look the same.
_DROPPED_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# Thai, Lao, Burmese, Khmer, kana and Chinese have no spaces between words; Korean joins particles
# to them. Their runs are split into single characters and pairs of neighbours.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u9fff"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
_INDIAN_SIGNS = "\u0900-\u0963\u0971-\u0dff"  # vowel signs, which \w does not match
_LETTER = rf"(?:[^\W_{_UNSPACED}]|[{_INDIAN_SIGNS}])"
_WORD = re.compile(rf"{_LETTER}+(?:-{_LETTER}+)*|[{_UNSPACED}]+")
_ASCII_WORD = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")  # the same for ASCII, twice as fast
_STARTS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def fold(text: str) -> str:
    """Lower case without accents: what a reader may type in either way compares equal."""
    if text.isascii():
        return text.lower()
    bare = _DROPPED_MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare.casefold())


def split_words(text: str) -> list[str]:
    """The words in the text, repeated ones repeatedly; parts of hyphenated words as well."""
    folded = fold(text)
    if folded.isascii():
        words = _ASCII_WORD.findall(folded)
    else:
        words = []
        for run in _WORD.findall(folded):
            words += _characters_and_pairs(run) if _STARTS_UNSPACED.match(run) else [run]
    if "-" in folded:
        words += [part for word in words if "-" in word for part in word.split("-")]
    return [word[:MAX_WORD_CHARS] for word in words]


def _characters_and_pairs(run: str) -> list[str]:
    return [*run, *(run[at : at + 2] for at in range(len(run) - 1))]


def digest(word: str) -> bytes:
    """As many bits as there are dimensions, the same on every machine."""
    return blake2b(word.encode(errors="replace"), digest_size=DIMENSIONS // 8).digest()


def digests(words: Iterable[str]) -> np.ndarray:
    """As an (n, 32) array of bytes."""
    joined = b"".join(map(digest, words))
    return np.frombuffer(joined, np.uint8).reshape(-1, DIMENSIONS // 8)


def unknown_rows(digests: np.ndarray) -> np.ndarray:
    """Rows of length one for words without a row of their own, from an (n, 32) array of digests.

    Bits of a hash taken as signs: two such rows are nearly at right angles, so a name that no
    training has met still finds the texts that hold the same name, and touches no others.
    """
    signs = np.unpackbits(digests, axis=1).astype(np.float32) * 2 - 1
    return signs / np.float32(DIMENSIONS**0.5)
