"""Parses one work of Crossref, the answer of its REST API to /works/DOI.

https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from papers.sources import Entry, ParsedItem, ParseError, author_names, clean, html_text, parse_each

WITHDRAWALS = ("retraction", "withdrawal", "removal")
DAYS = ("posted", "published-online", "published", "issued")  # the first that is a whole day counts


def entries(body: bytes) -> Iterator[ParsedItem]:
    """The entry of this work; raises ParseError for any other answer."""
    try:
        answer = clean.mapping(clean.from_json(body))
    except ValueError:
        raise ParseError(f"{clean.described(body)} instead of a work of Crossref") from None
    work = clean.mapping(answer.get("message"))
    if not work.get("DOI"):
        raise ParseError("an answer without a work of Crossref")
    return parse_each([work], _entry)


def _entry(work: dict[str, Any]) -> Entry:
    return Entry(
        title=clean.title(_title(work), work.get("DOI")),
        abstract=html_text.read(work.get("abstract")).text.removeprefix("Abstract\n\n"),
        authors=author_names.clean_names([_name(author) for author in _mappings(work, "author")]),
        doi=clean.line(work.get("DOI")),
        submitted_at=next(filter(None, (_day(work.get(name)) for name in DAYS)), None),
        withdrawn=any(
            update.get("type") in WITHDRAWALS for update in _mappings(work, "updated-by")
        ),
        abstract_url=_page(work),
        pdf_url=_pdf(work),
        journal_ref=_journal(work),
        extra=clean.without_empty(keywords=clean.lines(work.get("subject"))),
    )


def _title(work: dict[str, Any]) -> str:
    """Title and subtitle, in which HTML may stand: `CO<sub>2</sub>`."""
    parts = [*clean.lines(work.get("title"))[:1], *clean.lines(work.get("subtitle"))[:1]]
    return ": ".join(filter(None, map(html_text.line, parts)))


def _name(author: dict[str, Any]) -> str:
    """A person has given and family names, a collaboration one name."""
    parts = (author.get("given"), author.get("family"), author.get("suffix"))
    return " ".join(filter(None, map(clean.name, parts))) or clean.name(author.get("name"))


def _day(value: object) -> datetime | None:
    """`{"date-parts": [[2025, 3, 14]]}`; None where the day or the month is not known."""
    parts = clean.mapping(value).get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, list) or len(first) != 3:
        return None
    year, month, day = map(clean.count, first)
    return clean.moment(f"{year:04}-{month:02}-{day:02}")


def _page(work: dict[str, Any]) -> str:
    primary = clean.mapping(clean.mapping(work.get("resource")).get("primary"))
    return clean.url(primary.get("URL")) or clean.url(work.get("URL"))


def _pdf(work: dict[str, Any]) -> str:
    """A link that readers can open: publishers also name addresses of their APIs."""
    links = [
        clean.url(link.get("URL"))
        for link in _mappings(work, "link")
        if link.get("content-type") == "application/pdf"
    ]
    return next((url for url in links if url and not urlsplit(url).netloc.startswith("api.")), "")


def _journal(work: dict[str, Any]) -> str:
    """`Journal of Moss 12, 34–56`; empty for a preprint."""
    name = next(iter(clean.lines(work.get("container-title"))), "")
    if not name or work.get("type") == "posted-content":
        return ""
    place = ", ".join(filter(None, (clean.line(work.get(key)) for key in ("volume", "page"))))
    return f"{html_text.line(name)} {place}".strip()


def _mappings(work: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = work.get(name)
    return [clean.mapping(value) for value in values] if isinstance(values, list) else []
