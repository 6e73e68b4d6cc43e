"""Finds DOIs, arXiv ids, OpenReview ids and others in a feed's entry.

From the fields made for them, else from the addresses of the entry, else from its text. Here
also stands how publishers, bioRxiv and medRxiv among them, write a DOI into an address.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from papers import identifiers
from papers.sources import clean, feed_xml

ID_FIELDS = (
    "prism_doi",
    "arxiv_doi",
    "doi",
    "bibo_doi",
    "citation_doi",
    "dc_identifier",
    "prism_url",
)
OWN_LINK_RELS = (
    "alternate",
    "canonical",
    "enclosure",
    "self",
)  # links to the paper itself
SCHEMES = ("arxiv", "doi", "openreview")

ARXIV_IN_TEXT = re.compile(
    r"arxiv\s?:\s?(?P<id>[\w.-]{1,20}/\d{7}|\d{4}\.\d{4,5})(?!\d)"
    r"|(?:arxiv\.org/(?:abs|pdf|html)|hf\.co/papers|huggingface\.co/papers)/"
    r"(?P<path>[a-z.-]{1,20}/\d{7}|\d{4}\.\d{4,5})(?!\d)",
    re.IGNORECASE,
)
DOI_IN_TEXT = re.compile(r"(?<![\w.-])10\.\d{4,9}/[^\s\"<>]{1,200}")
OPENREVIEW_IN_TEXT = re.compile(r"openreview\.net/(?:forum|pdf)\?id=[\w-]{6,40}")
DOI_IN_PATH = re.compile(r"/(10\.\d{4,9}(?:\.\d+)*/[^?#]+)")
# What publishers append to a DOI in an address.
VIEW_SUFFIX = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|html|meta|summary|references|fulltext|reader|[\w.-]*\.pdf)/?"
    r"|\.(?:full|abstract|short|article-info|full-text|pdf|full\.pdf))$",
    re.IGNORECASE,
)
SERIAL_SUFFIX = re.compile(
    r"/\d{5,}(?:/[^/]*)?$"
)  # …/article/doi/10.1093/mnras/stab1/6123456/Title
BIORXIV_DOI = re.compile(r"(?P<doi>10\.(?:1101|64898)/[\w.]+?)v(?P<version>\d{1,3})(?:\.\w+)*$")
BIORXIV_PAGE = re.compile(r"(?:bio|med)rxiv\.org/\S*?\dv(?P<version>\d{1,3})(?!\d)", re.I)
PUBMED = re.compile(
    r"(?:(?:pmid|pubmed):\s?|https://pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})/?(?:\?.*)?"
)
PII = re.compile(r"https?://[\w.-]+/science/article/(?:abs/)?pii/([SB]?[0-9X]{16,17}).*")


@dataclass(slots=True)
class EntryIds:
    """The ids of one entry, of each scheme the most trusted."""

    by_scheme: dict[str, str] = field(default_factory=dict)
    # bioRxiv's and medRxiv's. A feed that links to v2 on arXiv need not have its text: arXiv's
    # own formats say which version they have.
    version: int | None = None

    def add(self, scheme: str, value: str) -> None:
        self.by_scheme.setdefault(scheme, value)

    @property
    def names_a_paper(self) -> bool:
        return any(scheme in self.by_scheme for scheme in SCHEMES)

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """All but the arXiv id and the DOI, which have fields of their own."""
        return tuple(pair for pair in self.by_scheme.items() if pair[0] not in ("arxiv", "doi"))


def find(item: dict[str, Any], link: str, text: str, links: Iterable[str]) -> EntryIds:
    """The ids of an entry: those in its fields and addresses, else those that its text mentions.

    A DOI in the text may be that of a reference: it counts only where nothing better is there,
    and no other DOI.
    """
    ids = EntryIds()
    for value in (*(clean.line(item.get(key)) for key in ID_FIELDS), *feed_xml.identifiers(item)):
        _add_stated(ids, value)
    own_links = [
        clean.line(one.get("href"))
        for one in feed_xml.links(item)
        if one.get("rel") in OWN_LINK_RELS
    ]
    for url in (clean.line(item.get("id")), link, *own_links):
        _add_stated(ids, url)
    if not ids.names_a_paper:
        _add_mentioned(ids, text, links)
    return ids


def _add_stated(ids: EntryIds, value: str) -> None:
    """Add the ids in a field or an address; a bare number is no arXiv id."""
    if not value:
        return
    if ":" in value or "/" in value:
        if arxiv := identifiers.arxiv_id(value):
            ids.add("arxiv", arxiv[0])
        elif openreview := identifiers.openreview_id(value):
            ids.add("openreview", openreview)
        elif doi := _doi(value):
            ids.add("doi", doi)
    if preprint := BIORXIV_DOI.search(value) or BIORXIV_PAGE.search(value):
        ids.version = ids.version or int(preprint["version"])
    if pubmed := PUBMED.fullmatch(value):
        ids.add("pmid", pubmed[1])
    if pii := PII.fullmatch(value):
        ids.add("pii", pii[1])


def _doi(value: str) -> str | None:
    """A DOI by itself, at doi.org, or in the path of its publisher's page."""
    if doi := identifiers.doi(value):
        return _without_version(doi)
    try:
        path = unquote(urlsplit(value).path)
    except ValueError:
        return None
    if not value.startswith(("http://", "https://")) or not (in_path := DOI_IN_PATH.search(path)):
        return None
    doi = VIEW_SUFFIX.sub("", in_path[1].rstrip("/"))
    if "doi/" in path[: in_path.start() + 1] and "/article" in path:
        doi = SERIAL_SUFFIX.sub("", doi)
    return _without_version(identifiers.doi(doi))


def _without_version(doi: str | None) -> str | None:
    """bioRxiv and medRxiv put the version, and what is shown of it, behind the DOI."""
    preprint = BIORXIV_DOI.fullmatch(doi or "")
    return preprint["doi"] if preprint else doi


def _add_mentioned(ids: EntryIds, text: str, links: Iterable[str]) -> None:
    """Add an id that is the only one of its scheme in the text and its links."""
    linked = EntryIds()
    mentioned: dict[str, set[str]] = {scheme: set() for scheme in SCHEMES}
    for url in links:
        linked.by_scheme.clear()
        _add_stated(linked, url)
        for scheme, value in linked.by_scheme.items():
            mentioned.setdefault(scheme, set()).add(value)
    for match in ARXIV_IN_TEXT.finditer(text):
        if arxiv := identifiers.arxiv_id(match["id"] or match["path"]):
            mentioned["arxiv"].add(arxiv[0])
    for written in DOI_IN_TEXT.findall(text):
        if arxiv := identifiers.arxiv_id(written.rstrip(".,;:)]")):
            mentioned["arxiv"].add(arxiv[0])  # 10.48550/arXiv.…
        elif doi := _doi(written):
            mentioned["doi"].add(doi)
    for address in OPENREVIEW_IN_TEXT.findall(text):
        mentioned["openreview"].add(identifiers.openreview_id(address) or "")
    for scheme in SCHEMES:
        if len(mentioned[scheme]) == 1:
            ids.add(scheme, mentioned[scheme].pop())
