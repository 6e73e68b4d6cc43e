"""The words of a text that may say what it is about: single words, and pairs of neighbours."""

import re

from papers.search import tokenizer

# Between them two words are no pair: "the cache. Quantisation" has no "cache quantisation".
_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”\n]+(?:\s|$)|\s[(\[{\"“–—]+")
MIN_CHARS = 2  # of a single word
# English words that say nothing of a subject; the rest of the common ones is found by counting.
_STOP_WORDS = """
a about above across after again against all almost along already also although always among an
and another any are aren as at be became because become becomes been before being below between
beyond both but by can cannot could did do does doing done down due during e each eg either else
enough especially etc even ever every few first for from further g get given gives good had
has have having he hence her here his how however i ie if in indeed instead into is it its
itself just largely last least less like likely made mainly make makes making many may
me might more moreover most much must my namely near nearly need needs never new next no nor not
now of off often on once one only onto or other others otherwise our out over own per perhaps
quite rather really s same second several shall she should show shown shows since so some such
t than that the their them themselves then there thereby therefore these they thing this those
though three through throughout thus to together too toward towards two under until up upon us
use used uses using various very via was way ways we well were what when where whereas whether
which while who whole whose why will with within without would yet you your
"""
_STOPS = frozenset(_STOP_WORDS.split())


def words(text: str) -> list[str]:
    """Folded, repeated ones repeatedly; a pair stands with one blank between, as in "kv cache"."""
    found = []
    for part in _BREAK.split(text.replace("-", " ")):
        run = ["" if _says_nothing(word) else word for word in tokenizer.split_words(part)]
        found += [word for word in run if len(word) >= MIN_CHARS]
        found += [f"{one} {two}" for one, two in zip(run, run[1:], strict=False) if one and two]
    return found


def as_word(text: str) -> str:
    """What a reader typed, as `words` would find it: "KV-Cache" is "kv cache"."""
    return " ".join(tokenizer.split_words(text.replace("-", " ")))


def _says_nothing(word: str) -> bool:
    return word in _STOPS or word.isdigit()
