"""Parses arXiv's own Atom and RSS: daily announcement feeds and answers of the query API."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from papers.identifiers import arxiv_id
from papers.sources import (
    ANNOUNCE_TYPES,
    Entry,
    IncompleteAnswer,
    Parsed,
    ParsedItem,
    ParseError,
    arxiv_metadata,
    author_names,
    clean,
    collect,
    feed_xml,
    parse_each,
)

EASTERN = ZoneInfo("America/New_York")  # a day of arXiv begins at midnight there
GUID_PREFIX = "oai:arXiv.org:"
ABSTRACT_LABEL = "Abstract:"


def parse(body: bytes) -> Parsed:
    """Entries of either; no entries are no error (weekends, holidays, ids nobody has)."""
    return collect(entries(feed_xml.read(body)))


def entries(feed: feed_xml.Feed) -> Iterator[ParsedItem]:
    """The same one by one."""
    raise_if_error(feed)
    return parse_each(feed.entries, partial(entry_of, feed.head))


def is_by_arxiv(item: dict[str, Any]) -> bool:
    """Whether an item of some feed is one that arXiv itself wrote."""
    name = clean.line(item.get("id"))
    is_answer = "arxiv.org/abs/" in name and any(key.startswith("arxiv_") for key in item)
    return name.startswith(GUID_PREFIX) or is_answer


def entry_of(head: dict[str, Any], item: dict[str, Any]) -> Entry:
    """An entry of either kind; raises ValueError with the reason if the item makes none."""
    raise_if_api_error(item)
    if not clean.line(item.get("title")):
        raise ValueError(f"no title: {clean.quoted(item.get('id'))}")
    if clean.line(item.get("id")).startswith(GUID_PREFIX):
        return _announcement_entry(item, feed_xml.moment(head.get("published_parsed")))
    return _api_entry(item)


def raise_if_error(feed: feed_xml.Feed) -> None:
    """Raise ParseError if the title says so: announcement feeds name errors there.

    Raises IncompleteAnswer if results are promised and none are there, as the API does when busy.
    """
    head = feed.head
    if _opensearch(head, "totalresults") > _opensearch(head, "startindex") and not feed.entries:
        total = _opensearch(head, "totalresults")
        raise IncompleteAnswer(f"an answer that has {total:,} results by its own count, and none")
    title = clean.line(head.get("title"))
    if title.startswith("Feed error for query"):
        raise ParseError(f"{title}: {clean.line(head.get('subtitle'))}".rstrip(": "))


def _opensearch(head: dict[str, Any], name: str) -> int:
    """A number of OpenSearch 1.1, whatever prefix its namespace has."""
    return next((clean.count(head[key]) for key in head if key.endswith(f"_{name}")), 0)


def raise_if_api_error(item: dict[str, Any]) -> None:
    """Raise ParseError if this is an error: the API sends it as its only entry."""
    if "/api/errors" in clean.line(item.get("id")) and item.get("title") == "Error":
        raise ParseError(f"arXiv's API says: {clean.line(item.get('summary'))}")


def _announcement_entry(item: dict[str, Any], announced: datetime | None) -> Entry:
    """An item of rss.arxiv.org: "arXiv:2502.03793v1 Announce Type: new", then the abstract."""
    identifier, version = _identify(clean.line(item["id"]).removeprefix(GUID_PREFIX))
    heading, _, abstract = str(item.get("summary") or "").partition(ABSTRACT_LABEL)
    kind = clean.line(item.get("arxiv_announce_type")) or heading.split("Type:")[-1].strip()
    announced = feed_xml.moment(item.get("published_parsed")) or announced
    return _entry(
        item,
        identifier,
        version,
        abstract=abstract,
        authors=author_names.split(", ".join(feed_xml.authors(item))),
        journal_ref=item.get("arxiv_journal_reference"),
        announce_type=kind if kind in ANNOUNCE_TYPES else "",
        announced_on=announced.astimezone(EASTERN).date() if announced else None,
        license=clean.url(item.get("rights")),
    )


def _api_entry(item: dict[str, Any]) -> Entry:
    """An entry of export.arxiv.org/api/query."""
    url = clean.line(item.get("id"))
    if "arxiv.org/abs/" not in url.lower():
        raise ValueError(f"not an entry of arXiv: {clean.quoted(url)}")
    identifier, version = _identify(url)
    return _entry(
        item,
        identifier,
        version,
        abstract=str(item.get("summary") or ""),
        authors=author_names.clean_names(
            [_repaired_encoding(name) for name in feed_xml.authors(item)]
        ),
        journal_ref=item.get("arxiv_journal_ref"),
        submitted_at=feed_xml.moment(item.get("published_parsed")),
        updated_at=feed_xml.moment(item.get("updated_parsed")),
    )


def _repaired_encoding(name: str) -> str:
    """A name whose UTF-8 the API took for Latin-1: it sends `GÃ¶tz` for Götz (April 2026)."""
    try:
        # feedparser makes Windows-1252 of what is no character in Latin-1.
        octets = (c.encode("latin-1" if ord(c) < 256 else "cp1252") for c in name)
        return b"".join(octets).decode()
    except UnicodeError:
        return name


def _identify(text: str) -> tuple[str, int | None]:
    """The arXiv id, and the version if it names one."""
    identified = arxiv_id(text)
    if identified is None:
        raise ValueError(f"no arXiv id in {clean.quoted(text)}")
    return identified


def _entry(
    item: dict[str, Any],
    identifier: str,
    version: int | None,
    *,
    abstract: str,
    journal_ref: object,
    license: str = "",
    **facts: Any,
) -> Entry:
    """What both kinds of entry have in common."""
    primary = clean.mapping(item.get("arxiv_primary_category")).get("term")
    categories, classes = arxiv_metadata.categories(feed_xml.terms(item), primary)
    comment = clean.text(item.get("arxiv_comment"))
    abstract = clean.paragraphs(abstract)
    return Entry(
        title=clean.line(item["title"]),
        abstract=abstract,
        arxiv_id=identifier,
        version=version,
        doi=arxiv_metadata.first_doi(item.get("arxiv_doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        withdrawn=arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        journal_ref=clean.line(journal_ref),
        extra=clean.without_empty(comment=comment, classes=classes, license=license),
        **facts,
    )
