"""Recognises arXiv ids, DOIs and OpenReview ids in any spelling; makes paper keys and aliases.

Also folds names (`fold_name`) to the form in which authors and words are compared.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import unquote, urlsplit

MAX_IDENTIFIER_CHARS = 500  # also of an alias's value; PostgreSQL indexes up to 2,700


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """Id and version: `arXiv:math.GT/0309136v2` is `("math/0309136", 2)`; else None."""
    match = ARXIV_ID.fullmatch(unquote(text.strip())) if len(text) <= MAX_IDENTIFIER_CHARS else None
    if not match:
        return None
    month, number, archive, old, version = match.group("month", "number", "archive", "old", "v")
    if archive:
        identifier = f"{archive.lower()}/{old}"
        possible = archive.lower() in ARCHIVES and not "0703" < old[:4] < "9101"
    else:
        identifier = f"{month}.{number}"
        possible = "0704" <= month < "9101" and len(number) == (4 if month < "1501" else 5)
    if not possible or not (number or old[4:]).strip("0"):
        return None
    return identifier, int(version) if version else None


def doi(text: str) -> str | None:
    """The DOI in lower case; None also for arXiv's own (10.48550/arXiv.…), which are arXiv ids."""
    text = text.strip()
    if len(text) > MAX_IDENTIFIER_CHARS or not (prefix := DOI_PREFIX.match(text)):
        return None
    bare = text[prefix.end() :]
    if prefix["host"]:
        bare = re.split("[?#]", bare, maxsplit=1)[0]
    bare = without_trailing_punctuation(unquote(bare).lower())
    if not DOI.fullmatch(bare) or not bare.isprintable() or len(bare) > MAX_IDENTIFIER_CHARS:
        return None
    return None if bare.startswith("10.48550/arxiv.") else bare


def openreview_id(text: str) -> str | None:
    """The id of a submission, from the address of its forum or PDF; else None."""
    match = OPENREVIEW_URL.fullmatch(text.strip()) if len(text) <= MAX_IDENTIFIER_CHARS else None
    return match[1] if match else None


def recognise(text: str) -> tuple[str, str] | None:
    """Scheme and value of the identifier that this spells, else None. Search tries it first."""
    if arxiv := arxiv_id(text):
        return "arxiv", arxiv[0]
    if name := doi(text):
        return "doi", name
    if submission := openreview_id(text):
        return "openreview", submission
    return None


def aliases(
    *,
    arxiv_id: str = "",
    doi: str = "",
    identifiers: Iterable[tuple[str, str]] = (),
    link: str = "",
    title: str = "",
    abstract: str = "",
) -> list[tuple[str, str]]:
    """A paper's (scheme, value) pairs, the most trusted first: arxiv, doi, openreview, others.

    The link counts only where there is none of these, a hash of title and abstract only where
    there is no link either.
    """
    pairs = [pair for text in (arxiv_id, doi, link) if (pair := recognise(text))]
    for scheme, value in identifiers:
        # A bare `2012.12345` is an arXiv id only where the source says so.
        may_be_known = scheme in SCHEME_PRIORITY or ":" in value or "/" in value
        pair = recognise(value) if may_be_known else None
        if pair or (scheme and value.strip()):
            pairs.append(pair or (scheme.strip().lower(), alias_value(value.strip())))
    pairs.sort(key=lambda pair: SCHEME_PRIORITY.get(pair[0], len(SCHEME_PRIORITY)))
    if not pairs and (address := _normalised_link(link)):
        pairs = [("link", alias_value(address))]
    if not pairs and (words := f"{fold_name(title)}\n{fold_name(abstract)}").strip():
        pairs = [("hash", _digest(words))]
    return list(dict.fromkeys(pairs))


def published_month(identifier: str) -> tuple[int, int] | None:
    """The year and month that an arXiv id states: (1999, 1) for hep-th/9901001."""
    if not (identified := arxiv_id(identifier)):
        return None
    digits = identified[0].rpartition("/")[2]
    year = int(digits[:2])
    return (1900 if year > 90 else 2000) + year, int(digits[2:4])


def random_key(first: str = "p") -> str:
    """A key for a paper without arXiv id, or for a list; it cannot be taken for such an id."""
    return first + "".join(secrets.choice(KEY_CHARS) for _ in range(8))


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None


def fold_name(name: str) -> str:
    """A name as it is searched for: `Jörgen Białecki-Ås` is `jorgen bialecki as`."""
    if not name.isascii():
        name = "".join(map(_without_marks, CHUNK.findall(name)))
    return " ".join(PUNCTUATION.sub(" ", name.casefold()).split())


def other_spacings(name: str) -> list[str]:
    """A Chinese, Japanese or Korean name without its space, or with one: `李 明` for `李明`.

    None for other names.
    """
    joined = "".join(name.split())
    if not UNSPACED_NAME.fullmatch(joined):
        return []
    spaced = (f"{joined[:at]} {joined[at:]}" for at in range(1, len(joined)))
    return [other for other in (joined, *spaced) if other != name]


UNSPACED_NAME = re.compile("[\u3005\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,6}")
NEW_STYLE_MONTH = "(?P<month>[0-9]{2}(?:0[1-9]|1[0-2]))"
OLD_STYLE_ID = (
    "(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\\.[a-z]{2})?/(?P<old>[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3})"
)
ARXIV_ID = re.compile(
    r"(?:(?:arxiv:|oai:arxiv\.org:) ?"
    r"|(?:https?://)?(?:(?:[a-z0-9-]+\.)*(?:arxiv|ar5iv|alphaxiv)\.org/[a-z-]+/"
    r"|(?:www\.)?(?:huggingface\.co|hf\.co)/papers/)"
    r"|(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi: ?|info:doi/)?10\.48550/arxiv\.)?"
    rf"(?:{NEW_STYLE_MONTH}\.(?P<number>[0-9]{{4,5}})|{OLD_STYLE_ID})(?:v(?P<v>[1-9][0-9]{{0,2}}))?"
    r"(?:\.pdf|\.md)?/?(?: ?\[[\w.-]+\])?(?:[?#].*)?",
    re.IGNORECASE | re.ASCII,
)
# Where ids of the form archive/YYMMNNN come from, until March 2007.
ARCHIVES = frozenset(
    [
        *("acc-phys", "adap-org", "alg-geom", "ao-sci", "astro-ph", "atom-ph", "bayes-an"),
        *("chao-dyn", "chem-ph", "cmp-lg", "comp-gas", "cond-mat", "cs", "dg-ga", "funct-an"),
        *("gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math", "math-ph", "mtrl-th", "nlin"),
        *("nucl-ex", "nucl-th", "patt-sol", "physics", "plasm-ph", "q-alg", "q-bio", "quant-ph"),
        *("solv-int", "supr-con"),
    ]
)
DOI_PREFIX = re.compile(
    r"(?P<host>(?:https?://)?(?:dx\.|www\.)?doi\.org/)?(?:doi[: ] ?|info:doi/)?(?=10[.%])",
    re.IGNORECASE | re.ASCII,
)
DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
OPENREVIEW_URL = re.compile(
    r"(?:https?://)?(?:www\.|api\.|api2\.)?openreview\.net/(?:forum|pdf|attachment|revisions)"
    r"\?(?:[^#]*&)?id=([\w-]{6,40})(?:[&#].*)?",
    re.ASCII,
)
SCHEME_PRIORITY = {"arxiv": 0, "doi": 1, "openreview": 2}
KEY_CHARS = "0123456789abcdefghijklmnopqrstuvwxyz"
KEY = re.compile("p[0-9a-z]{8}")
# In chunks, as normalising one long run of combining marks takes quadratic time.
CHUNK = re.compile(r"(?s).{1,100}")
PUNCTUATION = re.compile(r"[\W_]+")
# Letters that no normal form of Unicode decomposes.
NO_NORMAL_FORM = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def without_trailing_punctuation(text: str) -> str:
    """Without the full stop of the sentence and the bracket around it, keeping its own."""
    while text and (
        text[-1] in ".,;:!?'\"*"
        or (
            text[-1] in OPENING_BRACKETS
            and text.count(text[-1]) > text.count(OPENING_BRACKETS[text[-1]])
        )
    ):
        text = text[:-1]
    return text


OPENING_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}


def _normalised_link(link: str) -> str:
    """A link in one form for http and https, with and without slash at the end; else empty.

    The fragment belongs to it: one page may list many papers.
    """
    try:
        parts = urlsplit(link.strip())
    except ValueError:  # such as http://[
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"https://{parts.netloc.lower()}{parts.path.rstrip('/')}{query}{fragment}"


def alias_value(value: str) -> str:
    """A value as an alias holds it: a digest where it is too long for the index."""
    return value if len(value) <= MAX_IDENTIFIER_CHARS and value.isprintable() else _digest(value)


def _digest(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def _without_marks(part: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", part).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c)).translate(NO_NORMAL_FORM)
