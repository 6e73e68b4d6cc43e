"""Parses one OAI-PMH record in arXiv's own formats: arXiv, arXivRaw, arXivOld."""

from datetime import datetime
from xml.etree.ElementTree import Element

from papers.identifiers import arxiv_id, published_month
from papers.sources import Entry, arxiv_metadata, author_names, clean


def entry_of(element: Element) -> Entry:
    """An entry; raises ValueError with the reason if it makes none.

    arXivRaw alone has versions.
    """
    fields = {child.tag: child.text or "" for child in element}
    identified = arxiv_id(clean.line(fields.get("id")))
    if identified is None:
        raise ValueError(f"no arXiv id: {clean.quoted(fields.get('id'))}")
    identifier = identified[0]
    versions = element.findall("version")
    submitted_at, updated_at = _times(identifier, fields, versions)
    categories, classes = arxiv_metadata.categories(fields.get("categories", "").split())
    classes += (clean.line(fields.get(key)) for key in ("msc-class", "acm-class"))
    comment = clean.text(fields.get("comments"))
    abstract = clean.paragraphs(fields.get("abstract", "").strip())
    return Entry(
        title=clean.title(fields.get("title"), identifier),
        abstract=abstract,
        authors=_authors(element.find("authors")),
        arxiv_id=identifier,
        version=_version(versions),
        doi=arxiv_metadata.first_doi(fields.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=submitted_at,
        updated_at=updated_at,
        withdrawn=_is_marked_withdrawn(versions) or arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        journal_ref=clean.line(fields.get("journal-ref")),
        extra=clean.without_empty(
            comment=comment,
            classes=list(dict.fromkeys(filter(None, classes))),
            license=clean.url(fields.get("license", "").strip()),
            report_number=clean.line(fields.get("report-no")),
        ),
    )


def _times(
    identifier: str, fields: dict[str, str], versions: list[Element]
) -> tuple[datetime | None, datetime | None]:
    """Times of the first version, and of the latest if there is more than one."""
    if versions:
        times = [clean.mail_moment(version.findtext("date")) for version in versions]
        return times[0], times[-1] if len(times) > 1 else None
    created = clean.moment(fields.get("created"))
    updated = clean.moment(fields.get("updated"))
    # arXiv's service of 2025 calls the day of the latest version "created". That of the first
    # is of the month which the id states, or of the evening before it.
    month = published_month(identifier)
    if created and month and (created.year, created.month) > month:
        return None, max(created, updated or created)
    return created, updated


def _authors(element: Element | None) -> tuple[str, ...]:
    """Names in parts, or all of them in one string."""
    if element is None:
        return ()
    parts = ("forenames", "keyname", "suffix")
    people = [
        " ".join(filter(None, (clean.text(author.findtext(part)) for part in parts)))
        for author in element.findall("author")
    ]
    return author_names.clean_names(people) if people else author_names.split(element.text or "")


def _version(versions: list[Element]) -> int | None:
    numbers = [clean.count(version.get("version", "").removeprefix("v")) for version in versions]
    return max(*numbers, len(numbers)) if numbers else None


def _is_marked_withdrawn(versions: list[Element]) -> bool:
    """Whether the latest version is one that only says so."""
    return bool(versions) and "I" in (versions[-1].findtext("source_type") or "")
