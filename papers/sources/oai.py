"""Parses OAI-PMH, by which arXiv lists all that changed since a day: one page, and the next."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from papers.identifiers import recognise
from papers.sources import Entry, ParseError, Rejected, clean, oai_arxiv, oai_dublin_core

ARXIV_OAI_URL = "https://oaipmh.arxiv.org/oai"
MAX_PAGE_BYTES = 200_000_000  # a page of arXiv's has 2,000 records and 5 MB
MAX_RECORDS_PER_PAGE = 100_000
MAX_ELEMENTS_PER_RECORD = 50_000  # 3,000 authors are 12,000
MAX_DEPTH = 20

# What XML forbids, but abstracts of arXiv have held: each would make its whole page unreadable.
FORBIDDEN_IN_XML = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
    rb"|&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2}|fff[ef])|0*(?:[0-8]|1[124-9]|2\d|3[01]));",
    re.IGNORECASE,
)
OTHER_ENCODING = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE)
UTF_16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class OaiError(ParseError):
    """The repository's own error; after `badResumptionToken` a harvest begins its day again."""

    def __init__(self, message: str, code: str = "error") -> None:
        super().__init__(message)  # alone, or it could not be sent from the sandbox
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Where the next page begins; arXiv's last until midnight UTC and give no total."""

    value: str
    expires_at: datetime | None = None
    cursor: int | None = None
    complete_list_size: int | None = None


class Page(NamedTuple):
    """One answer; without a token it is the last."""

    entries: list[Entry]
    rejected: list[Rejected]
    deleted: list[tuple[str, str]]  # (scheme, value), as papers.identifiers.aliases has them
    token: Token | None
    responded_at: datetime | None  # the next harvest begins on this day


def page_url(
    base: str = ARXIV_OAI_URL,
    *,
    prefix: str = "arXiv",
    subset: str = "",
    since: date | None = None,
    until: date | None = None,
    token: str = "",
) -> str:
    """The address of a page: the first one of a period, or, by its token, one that follows."""
    query = {"verb": "ListRecords"}
    if token:  # says all the rest, and must stand alone
        query["resumptionToken"] = token
    else:
        query["metadataPrefix"] = prefix
        query |= {"from": since.isoformat()} if since else {}
        query |= {"until": until.isoformat()} if until else {}
        query |= {"set": subset} if subset else {}
    return f"{base}?{urlencode(query)}"


def parse(body: bytes) -> Page:
    """One page of ListRecords, or GetRecord; no records are no error."""
    page = Page([], [], [], None, None)
    errors: list[OaiError] = []

    def take(element: Element) -> None:
        nonlocal page
        if element.tag == "record":
            _add_record(element, page)
        elif element.tag == "resumptionToken":
            page = page._replace(token=_token(element))
        elif element.tag == "responseDate":
            page = page._replace(responded_at=clean.moment(element.text))
        else:
            code, text = element.get("code", "error"), clean.line(element.text)
            errors.append(OaiError(f"OAI-PMH says {code}: {text}".rstrip(": "), code))

    _read(body, take)
    for error in errors:
        if error.code != "noRecordsMatch":
            raise error
    return page


def _add_record(record: Element, page: Page) -> None:
    header = record.find("header")
    name = clean.line(header.findtext("identifier")) if header is not None else ""
    if header is not None and header.get("status") == "deleted":
        page.deleted.append(recognise(name) or ("oai", name))
        return
    try:
        page.entries.append(_entry_of(record))
    except ValueError as error:
        index = len(page.entries) + len(page.rejected) + len(page.deleted)
        page.rejected.append(Rejected(index, f"{error}, in {clean.quoted(name)}"))


def _entry_of(record: Element) -> Entry:
    """An entry; raises ValueError with the reason if the record makes none."""
    metadata = record.find("metadata")
    for element in metadata if metadata is not None else ():
        if element.tag == "dc":
            return oai_dublin_core.entry_of(record, element)
        if element.tag.startswith("arXiv"):
            return oai_arxiv.entry_of(element)
        raise ValueError(f"metadata in a format unknown here: {clean.quoted(element.tag)}")
    raise ValueError("no metadata")


def _token(element: Element) -> Token | None:
    value = (element.text or "").strip()
    if not value:
        return None
    expires = element.get("expirationDate") or element.get("expires")  # the latter is arXiv's
    return Token(
        value=value,
        expires_at=clean.moment(expires),
        cursor=_number(element.get("cursor")),
        complete_list_size=_number(element.get("completeListSize")),
    )


def _number(written: str | None) -> int | None:
    return clean.count(written) if written and written.isdecimal() else None


class _Reader:
    """Calls `take` with each element of KEPT, so that one record at a time is held as a tree."""

    KEPT = ("record", "resumptionToken", "responseDate", "error")
    LISTS = ("ListRecords", "GetRecord", "error")

    def __init__(self, take: Callable[[Element], None]) -> None:
        self.take = take
        self.depth = self.began = self.records = self.elements = 0
        self.tree: TreeBuilder | None = None
        self.lists = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]  # names are told apart without their namespaces
        self.depth += 1
        if self.depth == 1 and name != "OAI-PMH":
            raise ParseError(f"markup of the kind <{name[:60]}> instead of OAI-PMH")
        self.lists = self.lists or (self.depth == 2 and name in self.LISTS)
        if self.tree is None and self.depth <= 3 and name in self.KEPT:
            self.tree, self.began, self.elements = TreeBuilder(), self.depth, 0
            self.records += name == "record"
        if self.tree is not None:
            self.elements += 1
            self.tree.start(name, attributes)
        if (
            self.depth > MAX_DEPTH
            or self.elements > MAX_ELEMENTS_PER_RECORD
            or self.records > MAX_RECORDS_PER_PAGE
        ):
            raise ParseError("more, or more deeply nested, than any page of OAI-PMH")

    def data(self, text: str) -> None:
        if self.tree is not None:
            self.tree.data(text)

    def end(self, name: str) -> None:
        if self.tree is not None:
            self.tree.end(name.rpartition(" ")[2])
            if self.depth == self.began:
                self.take(self.tree.close())
                self.tree = None
        self.depth -= 1

    def refuse_doctype(self, name: str, *declaration: object) -> None:
        if name.lower() == "html":
            raise ParseError("an HTML page instead of OAI-PMH")
        raise ParseError("a document type declaration, which OAI-PMH has none of")


def _read(body: bytes, take: Callable[[Element], None]) -> None:
    """Call `take` with the elements of KEPT. A body that could declare entities is refused."""
    if len(body) > MAX_PAGE_BYTES:
        raise ParseError(f"more than {MAX_PAGE_BYTES} bytes")
    reader = _Reader(take)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(_repaired(body), True)
    except ParseError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: encodings
        if not reader.depth:
            raise ParseError(f"{clean.described(body)} instead of OAI-PMH") from None
        where = f"after {len(body)} bytes, in record {reader.records}"
        raise ParseError(f"OAI-PMH cut off or broken {where}: {error}") from None
    if not reader.lists:
        raise ParseError("OAI-PMH that is no list of records")


def _repaired(body: bytes) -> bytes:
    """Without what XML forbids, and valid UTF-8 where it claims to be UTF-8."""
    if body.startswith(UTF_16_STARTS):
        return body
    body = FORBIDDEN_IN_XML.sub(b"", body)
    if not OTHER_ENCODING.match(body.lstrip(b"\xef\xbb\xbf")):
        try:
            body.decode()
        except UnicodeDecodeError:
            body = body.decode("utf-8", "replace").encode()
    return body
