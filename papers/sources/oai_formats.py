"""One OAI-PMH record as an entry, from whichever format of metadata it carries."""

import re
from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element

from papers.categories import CATEGORIES, RETIRED
from papers.identifiers import arxiv_id, openreview_id, published_month, recognise
from papers.sources import Entry, arxiv_metadata, author_names, clean

GUID = "oai:arXiv.org:"
COMMENT = re.compile(r"comments?:\s*", re.IGNORECASE)  # how older answers begin a comment


def alias(identifier: str) -> tuple[str, str]:
    """Scheme and value of what a header identifies."""
    return recognise(identifier) or ("oai", identifier)


def entry_of(record: Element) -> Entry:
    """An entry; raises ValueError with the reason if the record makes none."""
    metadata = record.find("metadata")
    for element in metadata if metadata is not None else ():
        if element.tag == "dc":
            return _dublin_core(record, element)
        if element.tag.startswith("arXiv"):
            return _arxiv(element)
        raise ValueError(f"metadata in a format unknown here: {clean.shown(element.tag)}")
    raise ValueError("no metadata")


def _arxiv(element: Element) -> Entry:
    """The formats arXiv, arXivRaw (which alone has versions) and arXivOld."""
    found = {child.tag: child.text or "" for child in element}
    identified = arxiv_id(clean.line(found.get("id")))
    if identified is None:
        raise ValueError(f"no arXiv id: {clean.shown(found.get('id'))}")
    identifier = identified[0]
    versions = element.findall("version")
    submitted_at, updated_at = _times(identifier, found, versions)
    categories, classes = arxiv_metadata.categories(found.get("categories", "").split())
    classes += (clean.line(found.get(key)) for key in ("msc-class", "acm-class"))
    comment = clean.text(found.get("comments"))
    abstract = clean.paragraphs(found.get("abstract", "").strip())
    return Entry(
        title=_title(found.get("title"), identifier),
        abstract=abstract,
        authors=_authors(element.find("authors")),
        arxiv_id=identifier,
        version=_version(versions),
        doi=arxiv_metadata.first_doi(found.get("doi")),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=submitted_at,
        updated_at=updated_at,
        withdrawn=_is_marked_withdrawn(versions) or arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        journal_ref=clean.line(found.get("journal-ref")),
        extra=clean.kept(
            comment=comment,
            classes=list(dict.fromkeys(filter(None, classes))),
            license=clean.clean_url(found.get("license", "").strip()),
            report_number=clean.line(found.get("report-no")),
        ),
    )


def _times(
    identifier: str, found: dict[str, str], versions: list[Element]
) -> tuple[datetime | None, datetime | None]:
    """When the first version came, and when the latest, if there is more than one."""
    if versions:
        times = [clean.mail_moment(version.findtext("date")) for version in versions]
        return times[0], times[-1] if len(times) > 1 else None
    created = clean.moment(found.get("created"))
    updated = clean.moment(found.get("updated"))
    # arXiv's service of 2025 calls the day of the latest version "created". That of the first
    # is of the month which the id states, or of the evening before it.
    month = published_month(identifier)
    if created and month and (created.year, created.month) > month:
        return None, max(created, updated or created)
    return created, updated


def _title(written: str | None, name: str) -> str:
    title = clean.line(written)
    if not title:
        raise ValueError(f"no title: {clean.shown(name)}")
    return title


def _authors(element: Element | None) -> tuple[str, ...]:
    """Names in parts, or all of them in one string."""
    if element is None:
        return ()
    parts = ("forenames", "keyname", "suffix")
    people = [
        " ".join(filter(None, (clean.text(author.findtext(part)) for part in parts)))
        for author in element.findall("author")
    ]
    return author_names.tidy(people) if people else author_names.split(element.text or "")


def _version(versions: list[Element]) -> int | None:
    numbers = [clean.count(version.get("version", "").removeprefix("v")) for version in versions]
    return max(*numbers, len(numbers)) if numbers else None


def _is_marked_withdrawn(versions: list[Element]) -> bool:
    """Whether the latest version is one that only says so."""
    return bool(versions) and "I" in (versions[-1].findtext("source_type") or "")


def _dublin_core(record: Element, element: Element) -> Entry:
    """The format oai_dc, which every repository speaks."""
    header = clean.line(record.findtext("header/identifier"))
    names_of = [clean.line(one.text) for one in element.findall("identifier")]
    known = [found for name in (header, *names_of) if (found := _recognise(name))]
    facts = dict(reversed(known))  # of each scheme the first
    identifier, doi = facts.get("arxiv", ""), facts.get("doi", "")
    title = _title(element.findtext("title"), header)
    descriptions = [one.text or "" for one in element.findall("description")]
    abstract = clean.paragraphs(descriptions[0].strip()) if descriptions else ""
    comment = clean.text(COMMENT.sub("", " ".join(descriptions[1:]).strip(), count=1))
    days = [day for one in element.findall("date") if (day := clean.moment(one.text))]
    subjects = [clean.line(one.text) for one in element.findall("subject")]
    categories: list[str] = []
    if identifier:
        sets = [clean.line(one.text) for one in record.findall("header/setSpec")]
        categories, subjects = _codes(subjects, sets)
    links = list(filter(None, map(clean.clean_url, names_of)))
    return Entry(
        title=title,
        abstract=abstract,
        authors=author_names.tidy(
            [author_names.given_first(clean.text(one.text)) for one in element.findall("creator")]
        ),
        arxiv_id=identifier,
        doi=doi,
        identifiers=tuple(
            (scheme, value) for scheme, value in facts.items() if scheme not in ("arxiv", "doi")
        )
        or (() if identifier or doi or not header else (("oai", header),)),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=min(days, default=None),
        updated_at=max(days) if len(set(days)) > 1 else None,
        withdrawn=arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier) or next(iter(links), ""),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        journal_ref=_journal(names_of) if identifier else "",
        extra=clean.kept(
            comment=comment,
            classes=subjects if identifier else [],
            keywords=[] if identifier else subjects[: arxiv_metadata.MANY],
        ),
    )


def _recognise(name: str) -> tuple[str, str] | None:
    """A bare number is no id, even if it looks like one of arXiv's."""
    if ":" not in name and "/" not in name:
        return None
    found = openreview_id(name)
    return ("openreview", found) if found else recognise(name)


def _journal(identifiers: Iterable[str]) -> str:
    """arXiv hides the journal among the identifiers: "Phys.Rev.D76:013009,2007"."""
    return next((name for name in identifiers if not _recognise(name)), "")


ARCHIVES = {
    "Astrophysics": "astro-ph",
    "Computer Science": "cs",
    "Condensed Matter": "cond-mat",
    "Economics": "econ",
    "Electrical Engineering and Systems Science": "eess",
    "Mathematics": "math",
    "Nonlinear Sciences": "nlin",
    "Physics": "physics",
    "Quantitative Biology": "q-bio",
    "Quantitative Finance": "q-fin",
    "Statistics": "stat",
}
CODES: dict[str, list[str]] = {}
for _code, _name in (CATEGORIES | RETIRED).items():
    CODES.setdefault(_name, []).append(_code)


def _codes(subjects: list[str], sets: list[str]) -> tuple[list[str], list[str]]:
    """arXiv's codes for its names of them, and apart what is no name of a category.

    Older answers write "Computer Science - Computation and Language"; newer ones leave the
    archive out, but have the code in a set: cs:cs:CL.
    """
    told = [".".join(one.split(":")[1:]) for one in sets]
    ours: dict[str, None] = {}
    others: dict[str, None] = {}
    for subject in subjects:
        archive, _, name = subject.rpartition(" - ")
        known = CODES.get(subject) or [
            code
            for code in CODES.get(name, ())
            if code.startswith(f"{ARCHIVES.get(archive, archive)}.")
        ]
        fitting = [code for code in told if code in known] or known[:1]
        (ours if fitting else others).update(dict.fromkeys(fitting or filter(None, [subject])))
    return list(ours), list(others)
