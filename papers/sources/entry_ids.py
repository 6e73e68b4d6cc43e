"""Where feeds hide DOIs, arXiv ids and OpenReview ids: fields, addresses, at last the text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from papers import identifiers
from papers.sources import clean, feed_xml

STATED = ("prism_doi", "arxiv_doi", "doi", "bibo_doi", "citation_doi", "dc_identifier", "prism_url")
OWN = ("alternate", "canonical", "enclosure", "self")  # links to the paper, not to another one
SCHEMES = ("arxiv", "doi", "openreview")

ARXIV = re.compile(
    r"arxiv\s?:\s?(?P<id>[\w.-]{1,20}/\d{7}|\d{4}\.\d{4,5})(?!\d)"
    r"|(?:arxiv\.org/(?:abs|pdf|html)|hf\.co/papers|huggingface\.co/papers)/"
    r"(?P<path>[a-z.-]{1,20}/\d{7}|\d{4}\.\d{4,5})(?!\d)",
    re.IGNORECASE,
)
DOI = re.compile(r"(?<![\w.-])10\.\d{4,9}/[^\s\"<>]{1,200}")
OPENREVIEW = re.compile(r"openreview\.net/(?:forum|pdf)\?id=[\w-]{6,40}")
IN_PATH = re.compile(r"/(10\.\d{4,9}(?:\.\d+)*/[^?#]+)")
# What publishers hang behind a DOI in an address.
VIEW = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|html|meta|summary|references|fulltext|reader|[\w.-]*\.pdf)/?"
    r"|\.(?:full|abstract|short|article-info|full-text|pdf|full\.pdf))$",
    re.IGNORECASE,
)
SERIAL = re.compile(r"/\d{5,}(?:/[^/]*)?$")  # …/article/doi/10.1093/mnras/stab1/6123456/Title
PREPRINT = re.compile(r"(?P<doi>10\.(?:1101|64898)/[\w.]+?)v(?P<version>\d{1,3})(?:\.\w+)*$")
ON_PREPRINT = re.compile(r"(?:bio|med)rxiv\.org/\S*?\dv(?P<version>\d{1,3})(?!\d)", re.I)
PUBMED = re.compile(
    r"(?:(?:pmid|pubmed):\s?|https://pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})/?(?:\?.*)?"
)
PII = re.compile(r"https?://[\w.-]+/science/article/(?:abs/)?pii/([SB]?[0-9X]{16,17}).*")


@dataclass(slots=True)
class Ids:
    """What was found of one entry, of each scheme the most trusted."""

    found: dict[str, str] = field(default_factory=dict)
    # bioRxiv's and medRxiv's. Who links to v2 on arXiv has not its text: arXiv itself tells that.
    version: int | None = None

    def add(self, scheme: str, value: str) -> None:
        self.found.setdefault(scheme, value)

    @property
    def names_a_paper(self) -> bool:
        return any(scheme in self.found for scheme in SCHEMES)

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """All but the arXiv id and the DOI, which have fields of their own."""
        return tuple(pair for pair in self.found.items() if pair[0] not in ("arxiv", "doi"))


def of(item: dict[str, Any], link: str, text: str, links: Iterable[str]) -> Ids:
    """The ids of an entry: what it states, else where it leads, else what it alone mentions.

    A DOI in the text may be that of a reference: it counts only where nothing better is said,
    and no other stands beside it.
    """
    ids = Ids()
    for value in (*(clean.line(item.get(key)) for key in STATED), *feed_xml.identifiers(item)):
        _state(ids, value)
    own = [one for one in feed_xml.links(item) if one.get("rel") in OWN]
    for url in (clean.line(item.get("id")), link, *(clean.line(one.get("href")) for one in own)):
        _state(ids, url)
    if not ids.names_a_paper:
        _mention(ids, text, links)
    return ids


def _state(ids: Ids, value: str) -> None:
    """Take what a field or an address says; a bare number is no arXiv id."""
    if not value:
        return
    if ":" in value or "/" in value:
        if arxiv := identifiers.arxiv_id(value):
            ids.add("arxiv", arxiv[0])
        elif openreview := identifiers.openreview_id(value):
            ids.add("openreview", openreview)
        elif doi := _doi(value):
            ids.add("doi", doi)
    if preprint := PREPRINT.search(value) or ON_PREPRINT.search(value):
        ids.version = ids.version or int(preprint["version"])
    if pubmed := PUBMED.fullmatch(value):
        ids.add("pmid", pubmed[1])
    if pii := PII.fullmatch(value):
        ids.add("pii", pii[1])


def _doi(value: str) -> str | None:
    """A DOI by itself, at doi.org, or in the path of its publisher's page."""
    if found := identifiers.doi(value):
        return _without_version(found)
    try:
        path = unquote(urlsplit(value).path)
    except ValueError:
        return None
    if not value.startswith(("http://", "https://")) or not (in_path := IN_PATH.search(path)):
        return None
    doi = VIEW.sub("", in_path[1].rstrip("/"))
    if "doi/" in path[: in_path.start() + 1] and "/article" in path:
        doi = SERIAL.sub("", doi)
    return _without_version(identifiers.doi(doi))


def _without_version(doi: str | None) -> str | None:
    """bioRxiv and medRxiv put the version, and what is shown of it, behind the DOI."""
    preprint = PREPRINT.fullmatch(doi or "")
    return preprint["doi"] if preprint else doi


def _mention(ids: Ids, text: str, links: Iterable[str]) -> None:
    """Take an id that the text or its links name as the only one of its kind."""
    linked = Ids()
    mentioned: dict[str, set[str]] = {scheme: set() for scheme in SCHEMES}
    for url in links:
        linked.found.clear()
        _state(linked, url)
        for scheme, value in linked.found.items():
            mentioned.setdefault(scheme, set()).add(value)
    for found in ARXIV.finditer(text):
        if arxiv := identifiers.arxiv_id(found["id"] or found["path"]):
            mentioned["arxiv"].add(arxiv[0])
    for one in DOI.findall(text):
        if arxiv := identifiers.arxiv_id(one.rstrip(".,;:)]")):
            mentioned["arxiv"].add(arxiv[0])  # 10.48550/arXiv.…
        elif doi := _doi(one):
            mentioned["doi"].add(doi)
    for one in OPENREVIEW.findall(text):
        mentioned["openreview"].add(identifiers.openreview_id(one) or "")
    for scheme in SCHEMES:
        if len(mentioned[scheme]) == 1:
            ids.add(scheme, mentioned[scheme].pop())
