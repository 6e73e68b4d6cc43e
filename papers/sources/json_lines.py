"""Parses JSON lines, one paper each, in any of the forms listed in FORMS."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from papers.identifiers import arxiv_id
from papers.sources import (
    Entry,
    arxiv_metadata,
    author_names,
    clean,
    daily_papers,
    html_text,
    json_authors,
)


def record_of(line: str | bytes) -> dict[str, Any]:
    """The object on one line; raises ValueError with the reason if there is none."""
    try:
        record = clean.from_json(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    return checked(record)


def checked(value: object) -> dict[str, Any]:
    """The value as a record; raises ValueError if it is no object, nor Python's text of one."""
    if isinstance(value, str):
        value = daily_papers.from_python_repr(value)
    if not isinstance(value, dict):
        raise ValueError(f"{clean.quoted(value)} instead of an object")
    return value


def is_of_daily_papers(value: object) -> bool:
    """Whether a record comes from the daily-papers API, which names no day in it."""
    return isinstance(value, str) or not {"paper", "publishedAt"}.isdisjoint(clean.mapping(value))


def entry_of(record: Mapping[str, Any]) -> Entry:
    """An entry from a record of any form; raises ValueError with the reason if it makes none."""
    for required_fields, entry_from in FORMS:
        if required_fields <= record.keys():
            return entry_from(record)
    raise ValueError(f"a form unknown here, with the fields {clean.quoted(sorted(record))}")


def _flat(record: Mapping[str, Any]) -> Entry:
    """Flat records: daily papers with their day, arXiv metadata, or a title and an abstract."""
    identifier, version = _identify(record)
    categories, classes = arxiv_metadata.categories(
        _terms(record.get("categories")), record.get("primary_category")
    )
    comment = clean.text(record.get("comment"))
    abstract = _prose(record.get("abstract"))
    listed_on = clean.day(record.get("daily_date"))
    if listed_on is None and record.get("daily_date") is not None:
        raise ValueError(f"daily_date is not a day: {clean.quoted(record['daily_date'])}")
    return Entry(
        title=_title(record),
        abstract=abstract,
        authors=json_authors.names_of(record),
        arxiv_id=identifier,
        version=version,
        doi=arxiv_metadata.first_doi(record.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        listed_on=listed_on,
        submitted_at=clean.moment(record.get("published_at"))
        or clean.moment(record.get("created")),
        updated_at=clean.moment(record.get("updated")),
        withdrawn=arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        code_url=clean.url(record.get("github")),
        project_url=clean.url(record.get("project_page")),
        journal_ref=clean.line(record.get("journal_ref")),
        submitter_name=clean.name(record.get("submitter_fullname"))
        or clean.name(record.get("submitter")),
        upvotes=clean.count(record.get("upvotes")),
        extra=_flat_extra(record, classes),
    )


def _flat_extra(record: Mapping[str, Any], classes: list[str]) -> dict[str, Any]:
    acm_classes = clean.lines(record.get("acm_class")) or [clean.line(record.get("acm_class"))]
    return clean.without_empty(
        comment=clean.text(record.get("comment")),
        classes=list(dict.fromkeys(filter(None, (*classes, *acm_classes)))),
        keywords=clean.lines(record.get("keywords")),
        ai_summary=clean.text(record.get("ai_summary")),
        organization=daily_papers.organization(record.get("organization")),
        media=daily_papers.media_urls(record.get("media_urls")),
        comments=clean.count(record.get("num_comments")),
        stars=clean.count(record.get("github_stars")),
        hidden_authors=list(author_names.clean_names(record.get("hidden_authors"))),
        discussion_id=clean.line(record.get("discussion_id")),
    )


def _arxiv_internal(record: Mapping[str, Any]) -> Entry:
    """arXiv's internal form, one record for each version of a paper."""
    record = _without_escapes(record)
    identifier, version = _identify(record)
    categories, classes = arxiv_metadata.categories(clean.line(record["abs_categories"]).split())
    classes += filter(None, (clean.line(record.get(key)) for key in ("msc_class", "acm_class")))
    comment = clean.text(record.get("comments"))
    abstract = _prose(record.get("abstract"))
    return Entry(
        title=_title(record),
        abstract=abstract,
        authors=json_authors.names_of(record),
        arxiv_id=identifier,
        version=clean.count(record.get("version")) or version,
        doi=arxiv_metadata.first_doi(record.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=clean.moment(record.get("created")),
        updated_at=clean.moment(record.get("updated")),
        withdrawn=record.get("is_withdrawn") in (1, "1")
        or arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        journal_ref=clean.line(record.get("journal_ref")),
        extra=clean.without_empty(
            comment=comment,
            classes=classes,
            license=clean.url(record.get("license")),
            report_number=clean.line(record.get("report_num")),
        ),
    )


def _arxiv_snapshot(record: Mapping[str, Any]) -> Entry:
    """arXiv's public metadata snapshot, one record for all versions of a paper."""
    identifier, version = _identify({"arxiv_id": record["id"]})
    categories, classes = arxiv_metadata.categories(
        " ".join(clean.lines(_terms(record["categories"]))).split()
    )
    versions = record.get("versions")
    listed = list(map(clean.mapping, versions)) if isinstance(versions, list) else []
    times = [clean.mail_moment(version.get("created")) for version in listed]
    comment = clean.text(record.get("comments"))
    abstract = _prose(str(record.get("abstract") or "").strip())
    return Entry(
        title=_title(record),
        abstract=abstract,
        authors=_parsed_authors(record.get("authors_parsed")) or json_authors.names_of(record),
        arxiv_id=identifier,
        version=len(listed) or version,
        doi=arxiv_metadata.first_doi(record.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=times[0] if times else None,
        updated_at=times[-1] if len(times) > 1 else None,
        withdrawn=arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        journal_ref=clean.line(record.get("journal-ref")),
        extra=clean.without_empty(
            comment=comment,
            classes=classes,
            license=clean.url(record.get("license")),
            report_number=clean.line(record.get("report-no")),
        ),
    )


def _parsed_authors(value: object) -> tuple[str, ...]:
    """Names that come in parts: last, first, suffix, affiliations."""
    people = []
    for parts in value if isinstance(value, list) else ():
        last, first, suffix = [*parts, "", "", ""][:3] if isinstance(parts, list) else ("", "", "")
        people.append(" ".join(filter(None, map(clean.text, (first, last, suffix)))))
    return author_names.clean_names(people)


Form = tuple[frozenset[str], Callable[[Mapping[str, Any]], Entry]]

# A form is known by the fields that every record of it has; the first that fits reads it.
FORMS: tuple[Form, ...] = (
    (frozenset({"paper"}), daily_papers.entry_of),
    (frozenset({"id", "title", "publishedAt"}), daily_papers.entry_of),
    (frozenset({"arxiv_id", "abs_categories"}), _arxiv_internal),
    (frozenset({"arxiv_id", "title"}), _flat),
    (frozenset({"id", "title", "abstract", "categories"}), _arxiv_snapshot),
    (frozenset({"title", "abstract"}), _flat),
)

HTML_SIGN = re.compile(
    rf"{html_text.IS_HTML.pattern}|&(?:[a-z]{{2,8}}|#[0-9]{{1,7}}|#x[0-9a-f]{{1,6}});",
    re.IGNORECASE,
)

ESCAPED = re.compile(r"(?:[^\\]|\\[\\\"'n])*")
ESCAPE = re.compile(r"\\([\\\"'n])")


def _without_escapes(record: Mapping[str, Any]) -> Mapping[str, Any]:
    r"""Take off the layer of escapes that a database dump leaves: `Schr\\\"odinger`, `{\\gamma}`.

    Only where nothing but escapes follows a backslash in the whole record: TeX of its own
    does not look like that for long.
    """
    texts = {key: value for key, value in record.items() if isinstance(value, str)}
    if not all(ESCAPED.fullmatch(value) for value in texts.values()):
        return record
    unescaped = {
        key: ESCAPE.sub(lambda match: match[1].replace("n", "\n"), value)
        for key, value in texts.items()
    }
    return {**record, **unescaped}


def _identify(record: Mapping[str, Any]) -> tuple[str, int | None]:
    """The arXiv id and version; a record may have none, but not a wrong one."""
    written = record.get("arxiv_id")
    if written is None or written == "":
        return "", None
    identified = arxiv_id(clean.line(written))
    if identified is None:
        raise ValueError(f"not an arXiv id: {clean.quoted(written)}")
    return identified


def _title(record: Mapping[str, Any]) -> str:
    written = record.get("title")
    title = clean.line(_prose(written))
    if not title:
        name = record.get("arxiv_id") or record.get("id") or record
        raise ValueError(f"no title: {clean.quoted(name)}")
    return title


def _prose(value: object) -> str:
    """Paragraphs of a text that may be HTML, as in a feed."""
    if isinstance(value, str) and HTML_SIGN.search(value):
        return html_text.read(value).text
    return clean.paragraphs(value)


def _terms(value: object) -> list[Any]:
    listed = json_authors.listed(value)
    return listed if isinstance(listed, list) else clean.line(listed).split()
