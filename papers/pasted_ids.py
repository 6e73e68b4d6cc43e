"""Finds arXiv ids, DOIs and OpenReview ids in what a reader pasted: a stamp, a citation, a link.

`identifiers` reads one id, strictly, as sources state it; here anything around it is allowed.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from papers import identifiers

MAX_CHARS = 1_000  # of a paste; the rest is not read
MAX_NAMES = 5
MAX_OTHER_WORDS = 4  # beside one id, which is then still what the reader wants


@dataclass(frozen=True, slots=True)
class Pasted:
    names: tuple[tuple[str, str], ...]  # scheme and value, each once, in their order
    is_alone: bool  # one name and little else: no search, but the address of a paper


def read(text: str) -> Pasted:
    text = plain(text[:MAX_CHARS])
    if name := _recognise(text):
        return Pasted((name,), True)
    names: list[tuple[str, str]] = []

    def take_out(match: re.Match[str]) -> str:
        """Notes the id, if it is one; a blank takes its place."""
        name = _name(match)
        names.extend([name] if name else [])
        return " " if name else match[0]

    rest = text
    for pattern in PATTERNS:
        rest = pattern.sub(take_out, rest)
    unique = tuple(dict.fromkeys(names))[:MAX_NAMES]
    # The title of a paper's page at arXiv: `[2502.03793] It's all in the mix`.
    titled = (start := PAGE_TITLE.match(text)) and identifiers.recognise(start[1])
    other_words = OTHER_WORD.findall(FILLER.sub(" ", rest))
    is_alone = len(unique) == 1 and bool(titled or len(other_words) <= MAX_OTHER_WORDS)
    return Pasted(unique, is_alone)


def plain(text: str) -> str:
    """On one line, full-width and typographic signs as ASCII, without invisible characters."""
    text = unicodedata.normalize("NFKC", unquote(text)).translate(TYPOGRAPHIC)
    return " ".join("".join(c for c in text if unicodedata.category(c) not in INVISIBLE).split())


def _name(match: re.Match[str]) -> tuple[str, str] | None:
    parts = {name: part for name, part in match.groupdict().items() if part}
    for name, part in parts.items():
        if name in PUBLISHERS:
            part = part.removesuffix(".pdf")
            return identifiers.recognise(PUBLISHERS[name].format(part))
    if "doi" in parts:
        return _recognise(DOI_END.sub("", re.split('[?#&|"]', parts["doi"], maxsplit=1)[0]))
    if "ads_month" in parts:
        return _recognise(f"{parts['ads_month']}.{parts['ads_number']}")
    return _recognise(match[0])


def _recognise(text: str) -> tuple[str, str] | None:
    text = identifiers.without_trailing_punctuation(text.strip("./"))
    name = identifiers.recognise(text)
    if name and name[0] == "doi" and (version := PREPRINT_VERSION.fullmatch(name[1])):
        return "doi", version[1]  # bioRxiv and medRxiv write the version behind the DOI
    return name


# Addresses that hold a part of the DOI; the rest of it is the same for all of the publisher.
PUBLISHERS = {
    "nature": "10.1038/{}",
    "acl": "10.18653/v1/{}",
    "elife": "10.7554/elife.{}",
    "zenodo": "10.5281/zenodo.{}",
    "ssrn": "10.2139/ssrn.{}",
}
PATTERNS = [
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"nature\.com/articles/(?P<nature>[a-z][\w.-]*\d[\w-]*)",
        r"aclanthology\.org/(?P<acl>(?:[A-Z]\d\d|\d{4}\.[\w-]+)[-.]\d+)",
        r"elifesciences\.org/(?:articles|reviewed-preprints)/(?P<elife>\d{5,6})",
        r"zenodo\.org/records?/(?P<zenodo>\d{4,9})",
        r"ssrn\.com/(?:sol3/papers\.cfm\?)?abstract(?:_id)?=(?P<ssrn>\d{5,8})",
        r"openreview\.net/[a-z]+\?[^\s\"]+",
        r"(?<![\w.])(?P<doi>10\.\d{4,9}(?:\.\d+)*/\S+)",
        # The key of a paper of arXiv in ADS, 2025arXiv251120001Q: its id has no dot since 2015.
        r"(?:19|20)\d\darXiv(?P<ads_month>\d{4})\.?(?P<ads_number>\d{4,5})[A-Z]\b",
        r"(?<![0-9a-z.])(?<!^-)(?<! -)\d{4}\.\d{4,5}(?:v\d{1,3})?(?![0-9a-z])(?!\.\d)",
        r"(?<=arxiv)\.?\d{4}\.\d{4,5}(?:v\d{1,3})?(?![0-9a-z])(?!\.\d)",
        r"(?<![a-z-])[a-z][a-z-]{1,8}[a-z](?:\.[a-z]{2})?/\d{7}(?:v\d{1,3})?(?![0-9a-z])",
    )
]
# What publishers put behind the DOI in the address of a page.
DOI_END = re.compile(
    r"(?:\+html|/(?:meta|full|pdf|epdf|epub|abstract|summary|html|references|figures|citations|fulltext"
    r"|full-text|supplementary-material|reader|xml)|\.(?:full|abstract|full-text|pdf|supplementary"
    r"-material|figures-only|article-info|article-metrics|xml|html?))+/?$",
    re.IGNORECASE,
)
PREPRINT_VERSION = re.compile(
    r"(10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.)?\d+)v\d+", re.IGNORECASE
)
PAGE_TITLE = re.compile(r"\[([^\]\s]+)\] ")
FILLER = re.compile(
    r"\S*/\S*|\[[^\]]*\]|\b(?:arxiv|doi|abs|pdf|html|e?prints?|preprints?|papers?|id|org|url|see|in"
    r"|archiveprefix|primaryclass|eprinttype|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b",
    re.IGNORECASE,
)
OTHER_WORD = re.compile(r"[^\W\d_]{2,}")
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}  # Unicode categories
# Signs that phones and word processors put in place of those of a keyboard.
TYPOGRAPHIC = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-")
    | dict.fromkeys("“”„‟«»＂", '"')
    | dict.fromkeys("‘’‚‛`´′", "'")
    | {"。": ".", "、": ",", "【": "[", "】": "]", "《": '"', "》": '"', "「": '"', "」": '"'}
    | dict.fromkeys("\t\n\r\f\v\u2028\u2029", " ")
)
