"""Parses one record of DataCite, the answer of its REST API to /dois/DOI.

https://support.datacite.org/docs/api-get-doi; the fields are those of DataCite's metadata schema.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from papers.sources import Entry, ParsedItem, ParseError, author_names, clean, html_text, parse_each

DATE_TYPES = ("Issued", "Submitted", "Available", "Created")  # the first that is there counts


def entries(body: bytes) -> Iterator[ParsedItem]:
    """The entry of this record; raises ParseError for any other answer."""
    try:
        answer = clean.mapping(clean.from_json(body))
    except ValueError:
        raise ParseError(f"{clean.described(body)} instead of a record of DataCite") from None
    record = clean.mapping(clean.mapping(answer.get("data")).get("attributes"))
    if not record.get("doi"):
        raise ParseError("an answer without a record of DataCite")
    return parse_each([record], _entry)


def _entry(record: dict[str, Any]) -> Entry:
    return Entry(
        title=clean.title(_title(record), record.get("doi")),
        abstract=_abstract(record),
        authors=author_names.from_elements([_name(one) for one in _mappings(record, "creators")]),
        doi=clean.line(record.get("doi")),
        submitted_at=_day(record),
        abstract_url=clean.url(record.get("url")),
        journal_ref=clean.line(clean.mapping(record.get("container")).get("title")),
        extra=clean.without_empty(
            keywords=[
                word
                for one in _mappings(record, "subjects")
                if (word := clean.line(one.get("subject")))
            ]
        ),
    )


def _title(record: dict[str, Any]) -> str:
    """The main title, which has no type, before subtitles and translations."""
    titles = sorted(_mappings(record, "titles"), key=lambda one: bool(one.get("titleType")))
    return html_text.line(titles[0].get("title")) if titles else ""


def _abstract(record: dict[str, Any]) -> str:
    parts = [
        one.get("description")
        for one in _mappings(record, "descriptions")
        if one.get("descriptionType") == "Abstract"
    ]
    return html_text.read(parts[0]).text if parts else ""


def _name(creator: dict[str, Any]) -> str:
    given, family = clean.name(creator.get("givenName")), clean.name(creator.get("familyName"))
    return f"{given} {family}" if given and family else clean.name(creator.get("name"))


def _day(record: dict[str, Any]) -> datetime | None:
    """A whole day; a year alone says too little."""
    days = {one.get("dateType"): clean.line(one.get("date")) for one in _mappings(record, "dates")}
    moments = (clean.moment(days.get(kind)) for kind in DATE_TYPES if len(days.get(kind, "")) >= 10)
    return next(filter(None, moments), None)


def _mappings(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    values = record.get(name)
    return [clean.mapping(value) for value in values] if isinstance(values, list) else []
