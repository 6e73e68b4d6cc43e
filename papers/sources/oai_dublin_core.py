"""Parses one OAI-PMH record in the format oai_dc, which every repository has."""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from papers.categories import CATEGORIES, RETIRED
from papers.identifiers import openreview_id, recognise
from papers.sources import Entry, arxiv_metadata, author_names, clean, html_text

COMMENT_LABEL = re.compile(r"comments?:\s*", re.IGNORECASE)  # older answers begin a comment so


def entry_of(record: Element, metadata: Element) -> Entry:
    """An entry; raises ValueError with the reason if the record makes none."""
    header = clean.line(record.findtext("header/identifier"))
    written_ids = _texts(metadata, "identifier")
    recognised = [alias for written in (header, *written_ids) if (alias := _recognise(written))]
    by_scheme = dict(reversed(recognised))  # of each scheme the first
    arxiv_id, doi = by_scheme.get("arxiv", ""), by_scheme.get("doi", "")
    title_element = metadata.find("title")
    title = clean.title(html_text.line(_written(title_element)), header)
    abstract, comment = _descriptions(metadata)
    days = [day for date in metadata.findall("date") if (day := clean.moment(date.text))]
    subjects = _texts(metadata, "subject")
    categories: list[str] = []
    if arxiv_id:
        categories, subjects = _codes(subjects, _texts(record, "header/setSpec"))
    creators = [_written(creator) for creator in metadata.findall("creator")]
    urls = list(filter(None, map(clean.url, written_ids)))
    return Entry(
        title=title,
        abstract=abstract,
        authors=author_names.from_elements(creators),
        arxiv_id=arxiv_id,
        doi=doi,
        identifiers=_other_identifiers(by_scheme, header),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        submitted_at=min(days, default=None),
        updated_at=max(days) if len(set(days)) > 1 else None,
        withdrawn=arxiv_metadata.is_withdrawn(comment, abstract),
        abstract_url=arxiv_metadata.abstract_url(arxiv_id) or next(iter(urls), ""),
        pdf_url=arxiv_metadata.pdf_url(arxiv_id),
        journal_ref=_journal_ref(written_ids) if arxiv_id else "",
        extra=clean.without_empty(
            comment=comment,
            classes=subjects if arxiv_id else [],
            keywords=[] if arxiv_id else subjects[: arxiv_metadata.MAX_CATEGORIES],
        ),
    )


def _written(element: Element | None) -> str:
    """The text of an element with that of the tags in it: `CO<sub>2</sub>` may not be escaped."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        parts.append(f"<{name}>{''.join(child.itertext())}</{name}>{child.tail or ''}")
    return "".join(parts)


def _texts(element: Element, path: str) -> list[str]:
    return [clean.line(child.text) for child in element.findall(path)]


def _descriptions(metadata: Element) -> tuple[str, str]:
    """Abstract and comment: the first description, and all others."""
    descriptions = [_written(element) for element in metadata.findall("description")]
    abstract = html_text.read(descriptions[0].strip()).text if descriptions else ""
    comment = COMMENT_LABEL.sub("", " ".join(descriptions[1:]).strip(), count=1)
    return abstract, clean.text(comment)


def _other_identifiers(by_scheme: dict[str, str], header: str) -> tuple[tuple[str, str], ...]:
    """All but arXiv id and DOI; the repository's own identifier where there is no other."""
    others = tuple(pair for pair in by_scheme.items() if pair[0] not in ("arxiv", "doi"))
    return others or ((("oai", header),) if header and not by_scheme else ())


def _recognise(name: str) -> tuple[str, str] | None:
    """A bare number is no id, even if it looks like one of arXiv's."""
    if ":" not in name and "/" not in name:
        return None
    openreview = openreview_id(name)
    return ("openreview", openreview) if openreview else recognise(name)


def _journal_ref(identifiers: Iterable[str]) -> str:
    """arXiv hides the journal among the identifiers: "Phys.Rev.D76:013009,2007"."""
    return next((name for name in identifiers if not _recognise(name)), "")


ARCHIVES_BY_NAME = {
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
CODES_BY_NAME: dict[str, list[str]] = {}
for _code, _name in (CATEGORIES | RETIRED).items():
    CODES_BY_NAME.setdefault(_name, []).append(_code)


def _codes(subjects: list[str], sets: list[str]) -> tuple[list[str], list[str]]:
    """arXiv's codes for its names of them, and apart what is no name of a category.

    Older answers write "Computer Science - Computation and Language"; newer ones leave the
    archive out, but have the code in a set: cs:cs:CL.
    """
    codes_of_sets = [".".join(name.split(":")[1:]) for name in sets]
    ours: dict[str, None] = {}
    others: dict[str, None] = {}
    for subject in subjects:
        archive, _, name = subject.rpartition(" - ")
        known = CODES_BY_NAME.get(subject) or [
            code
            for code in CODES_BY_NAME.get(name, ())
            if code.startswith(f"{ARCHIVES_BY_NAME.get(archive, archive)}.")
        ]
        fitting = [code for code in codes_of_sets if code in known] or known[:1]
        (ours if fitting else others).update(dict.fromkeys(fitting or filter(None, [subject])))
    return list(ours), list(others)
