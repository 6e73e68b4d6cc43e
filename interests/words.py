"""The words of a text that may say what it is about: single words, and pairs of neighbours."""

import re

from papers.search import tokenizer

# Between them two words are no pair: "the cache. Quantisation" has no "cache quantisation".
_BREAK = re.compile(r"[.,;:!?()\[\]{}\"“”\n]+(?:\s|$)|\s[(\[{\"“–—]+")
MIN_CHARS = 2  # of a single word
# English words that say nothing of a subject, those of PostgreSQL's search among them; the rest of
# the common ones is found by counting.
_STOP_WORDS = """
a about above across after again against all almost along already also although always am among an
and another any are aren as at be became because become becomes been before being below between
beyond both but by can cannot could did do does doing don done down due during e each eg either
else enough especially etc even ever every few first for from further g get given gives good had
has have having he hence her here hers herself him himself his how however i ie if in indeed
instead into is it its itself just largely last least less like likely made mainly make makes
making many may me might more moreover most much must my myself namely near nearly need needs never
new next no nor not now of off often on once one only onto or other others otherwise our ours
ourselves out over own per perhaps quite rather really s same second several shall she should show
shown shows since so some such t than that the their theirs them themselves then there thereby
therefore these they thing this those though three through throughout thus to together too toward
towards two under until up upon us use used uses using various very via was way ways we well were
what when where whereas whether which while who whole whom whose why will with within without would
yet you your yours yourself yourselves
"""
# "zero" is none of them, for the sake of "zero shot"; "one" to "three" are above.
_NUMBER_WORDS = """
four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand
thousands million millions billion billions trillion trillions dozen dozens third fourth fifth
sixth seventh eighth ninth tenth
"""
_STOPS = frozenset(_STOP_WORDS.split()) | frozenset(_NUMBER_WORDS.split())


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
