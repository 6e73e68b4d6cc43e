"""JSON lines, one paper each, in the forms that people keep papers in."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from papers.identifiers import arxiv_id
from papers.sources import Entry, arxiv_facts, daily_papers, fields, names


def record_of(line: str | bytes) -> dict[str, Any]:
    """The object on one line; raises ValueError with the reason if there is none."""
    try:
        record = fields.from_json(line)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise ValueError(f"{fields.shown(record)} instead of an object")
    return record


def entry_of(record: Mapping[str, Any]) -> Entry:
    """An entry from a record of any form; raises ValueError with the reason if it makes none."""
    for marks, read in FORMS:
        if marks <= record.keys():
            return read(record)
    raise ValueError(f"a form unknown here, with the fields {fields.shown(sorted(record))}")


def _normalised(record: Mapping[str, Any]) -> Entry:
    """Flat records: daily papers with their day, arXiv metadata, or a title and an abstract."""
    identifier, version = _identify(record)
    classes = fields.lines(record.get("acm_class")) or [fields.line(record.get("acm_class"))]
    terms = record.get("categories")
    categories, others = arxiv_facts.categories(
        terms if isinstance(terms, list) else fields.line(terms).split(),
        record.get("primary_category"),
    )
    comment = fields.text(record.get("comment"))
    abstract = fields.paragraphs(record.get("abstract"))
    listed_on = fields.day(record.get("daily_date"))
    if listed_on is None and record.get("daily_date") is not None:
        raise ValueError(f"daily_date is not a day: {fields.shown(record['daily_date'])}")
    return Entry(
        title=_title(record),
        abstract=abstract,
        authors=_authors(record.get("authors")),
        arxiv_id=identifier,
        version=version,
        doi=arxiv_facts.first_doi(record.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        listed_on=listed_on,
        submitted_at=fields.moment(record.get("published_at"))
        or fields.moment(record.get("created")),
        updated_at=fields.moment(record.get("updated")),
        withdrawn=arxiv_facts.is_withdrawn(comment, abstract),
        abstract_url=arxiv_facts.abstract_url(identifier),
        pdf_url=arxiv_facts.pdf_url(identifier),
        code_url=fields.clean_url(record.get("github")),
        project_url=fields.clean_url(record.get("project_page")),
        journal_ref=fields.line(record.get("journal_ref")),
        submitter_name=fields.name(record.get("submitter_fullname"))
        or fields.name(record.get("submitter")),
        upvotes=fields.count(record.get("upvotes")),
        extra=fields.kept(
            comment=comment,
            classes=list(dict.fromkeys(filter(None, (*others, *classes)))),
            keywords=fields.lines(record.get("keywords")),
            ai_summary=fields.text(record.get("ai_summary")),
            organization=daily_papers.organization(record.get("organization")),
            media=daily_papers.media(record.get("media_urls")),
            comments=fields.count(record.get("num_comments")),
            stars=fields.count(record.get("github_stars")),
            hidden_authors=list(names.tidy(record.get("hidden_authors"))),
            discussion_id=fields.line(record.get("discussion_id")),
        ),
    )


def _native(record: Mapping[str, Any]) -> Entry:
    """arXiv's internal form, one record for each version of a paper."""
    record = _unescaped(record)
    identifier, version = _identify(record)
    categories, classes = arxiv_facts.categories(fields.line(record["abs_categories"]).split())
    classes += filter(None, (fields.line(record.get(key)) for key in ("msc_class", "acm_class")))
    comment = fields.text(record.get("comments"))
    abstract = fields.paragraphs(record.get("abstract"))
    return Entry(
        title=_title(record),
        abstract=abstract,
        authors=_authors(record.get("authors")),
        arxiv_id=identifier,
        version=fields.count(record.get("version")) or version,
        doi=arxiv_facts.first_doi(record.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=fields.moment(record.get("created")),
        updated_at=fields.moment(record.get("updated")),
        withdrawn=record.get("is_withdrawn") in (1, "1")
        or arxiv_facts.is_withdrawn(comment, abstract),
        abstract_url=arxiv_facts.abstract_url(identifier),
        pdf_url=arxiv_facts.pdf_url(identifier),
        journal_ref=fields.line(record.get("journal_ref")),
        extra=fields.kept(
            comment=comment,
            classes=classes,
            license=fields.clean_url(record.get("license")),
            report_number=fields.line(record.get("report_num")),
        ),
    )


def _snapshot(record: Mapping[str, Any]) -> Entry:
    """arXiv's public metadata snapshot, one record for all versions of a paper."""
    identifier, version = _identify({"arxiv_id": record["id"]})
    terms = record["categories"]
    categories, classes = arxiv_facts.categories(
        " ".join(fields.lines(terms) if isinstance(terms, list) else [fields.line(terms)]).split()
    )
    versions = record.get("versions")
    listed = [fields.mapping(one) for one in versions] if isinstance(versions, list) else []
    times = [fields.mail_moment(one.get("created")) for one in listed]
    comment = fields.text(record.get("comments"))
    abstract = fields.paragraphs(str(record.get("abstract") or "").strip())
    return Entry(
        title=_title(record),
        abstract=abstract,
        authors=_parsed_authors(record.get("authors_parsed")) or _authors(record.get("authors")),
        arxiv_id=identifier,
        version=len(listed) or version,
        doi=arxiv_facts.first_doi(record.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=times[0] if times else None,
        updated_at=times[-1] if len(times) > 1 else None,
        withdrawn=arxiv_facts.is_withdrawn(comment, abstract),
        abstract_url=arxiv_facts.abstract_url(identifier),
        pdf_url=arxiv_facts.pdf_url(identifier),
        journal_ref=fields.line(record.get("journal-ref")),
        extra=fields.kept(
            comment=comment,
            classes=classes,
            license=fields.clean_url(record.get("license")),
            report_number=fields.line(record.get("report-no")),
        ),
    )


def _parsed_authors(value: object) -> tuple[str, ...]:
    """Names that come in parts: last, first, suffix, affiliations."""
    people = []
    for parts in value if isinstance(value, list) else ():
        last, first, suffix = [*parts, "", "", ""][:3] if isinstance(parts, list) else ("", "", "")
        people.append(" ".join(filter(None, map(fields.text, (first, last, suffix)))))
    return names.tidy(people)


Form = tuple[frozenset[str], Callable[[Mapping[str, Any]], Entry]]

# A form is known by the fields that every record of it has; the first that fits reads it.
FORMS: tuple[Form, ...] = (
    (frozenset({"paper"}), daily_papers.entry_of),
    (frozenset({"id", "title", "publishedAt"}), daily_papers.entry_of),
    (frozenset({"arxiv_id", "abs_categories"}), _native),
    (frozenset({"arxiv_id", "title"}), _normalised),
    (frozenset({"id", "title", "abstract", "categories"}), _snapshot),
    (frozenset({"title", "abstract"}), _normalised),
)

ESCAPED = re.compile(r"(?:[^\\]|\\[\\\"'n])*")
ESCAPE = re.compile(r"\\([\\\"'n])")


def _unescaped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    r"""Take off the layer of escapes that a database dump leaves: `Schr\\\"odinger`, `{\\gamma}`.

    Only where nothing but escapes follows a backslash in the whole record: TeX of its own
    does not look like that for long.
    """
    written = {key: value for key, value in record.items() if isinstance(value, str)}
    if not all(ESCAPED.fullmatch(value) for value in written.values()):
        return record
    plain = {
        key: ESCAPE.sub(lambda found: found[1].replace("n", "\n"), value)
        for key, value in written.items()
    }
    return {**record, **plain}


def _identify(record: Mapping[str, Any]) -> tuple[str, int | None]:
    """The arXiv id and version; a record may have none, but not a wrong one."""
    given = record.get("arxiv_id")
    if given is None or given == "":
        return "", None
    found = arxiv_id(fields.line(given))
    if found is None:
        raise ValueError(f"not an arXiv id: {fields.shown(given)}")
    return found


def _title(record: Mapping[str, Any]) -> str:
    title = fields.line(record.get("title"))
    if not title:
        name = record.get("arxiv_id") or record.get("id") or record
        raise ValueError(f"no title: {fields.shown(name)}")
    return title


def _authors(value: object) -> tuple[str, ...]:
    return names.split(value) if isinstance(value, str) else names.tidy(value)
