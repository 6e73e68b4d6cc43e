"""Parses one submission of OpenReview, the answer of either of its APIs to /notes?id=ID.

In version 2 each value of `content` is wrapped, `{"title": {"value": "…"}}`; in version 1, which
has the older venues, it is not. https://docs.openreview.net/reference/api-v2
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from papers.sources import Entry, ParsedItem, ParseError, author_names, clean, parse_each


def entries(body: bytes) -> Iterator[ParsedItem]:
    """The entry of this submission; raises ParseError for any other answer."""
    try:
        answer = clean.mapping(clean.from_json(body))
    except ValueError:
        raise ParseError(f"{clean.described(body)} instead of a note of OpenReview") from None
    notes = answer.get("notes")
    if not isinstance(notes, list) or len(notes) != 1:
        raise ParseError("an answer without one note of OpenReview")
    return parse_each(notes, _entry)


def _entry(value: object) -> Entry:
    note = clean.mapping(value)
    identifier = clean.line(note.get("id"))
    content = {
        name: part["value"] if isinstance(part, dict) and "value" in part else part
        for name, part in clean.mapping(note.get("content")).items()
    }
    if clean.line(note.get("forum") or identifier) != identifier:
        raise ValueError("a review or a comment, not a paper")
    has_pdf = bool(content.get("pdf"))
    return Entry(
        title=clean.title(content.get("title"), identifier),
        abstract=clean.paragraphs(content.get("abstract")),
        authors=author_names.clean_names(content.get("authors")),
        identifiers=(("openreview", identifier),),
        submitted_at=_moment(note.get("pdate") or note.get("odate") or note.get("cdate")),
        withdrawn="withdrawn" in clean.line(content.get("venue")).lower(),
        abstract_url=clean.url(f"https://openreview.net/forum?id={identifier}"),
        pdf_url=clean.url(f"https://openreview.net/pdf?id={identifier}") if has_pdf else "",
        extra=_extra(content),
    )


def _extra(content: dict[str, Any]) -> dict[str, Any]:
    """The venue is a comment: "Submitted to …" is not where a paper was published."""
    return clean.without_empty(
        comment=clean.line(content.get("venue")), keywords=clean.lines(content.get("keywords"))
    )


def _moment(value: object) -> datetime | None:
    """From milliseconds since 1970."""
    if not isinstance(value, int | float) or not 0 < value < 4e12:
        return None
    return datetime.fromtimestamp(value / 1000, UTC)
