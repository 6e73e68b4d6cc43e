"""What models of files have in common: a digest of the files, and which texts they know."""

from collections import defaultdict
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIGEST_BYTES = 4  # it tells apart the few models one site ever has
MIN_PIECE_CHARS = 2  # on average: "qwzxqj" falls into single letters, "lora" into two pairs


def digest(*files: Path) -> str:
    """Of their content, for the version of the model."""
    content = blake2b(digest_size=DIGEST_BYTES)
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                content.update(block)
    return content.hexdigest()


def has_known_word(tokenizer: "Tokenizer", text: str) -> bool:
    """Whether a word of the text is one token, or falls into pieces that are more than letters."""
    encoded = tokenizer.encode(text, add_special_tokens=False)
    pieces: dict[int, list[int]] = defaultdict(list)
    for word, (start, end) in zip(encoded.word_ids, encoded.offsets, strict=True):
        if word is not None:
            pieces[word].append(end - start)
    return any(len(p) == 1 or sum(p) >= MIN_PIECE_CHARS * len(p) for p in pieces.values())
