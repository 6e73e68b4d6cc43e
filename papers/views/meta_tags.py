"""Metadata in the head of a paper's page: citation_* tags, and schema.org as JSON-LD."""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from papers import citations
from papers.models import Paper


def citation_tags(paper: Paper) -> list[tuple[str, str]]:
    """Name and content of each `<meta>` tag, as Google Scholar and Zotero read them."""
    work = paper.citation
    tags = [
        ("citation_title", paper.title_text),
        *(("citation_author", citations.family_first(name)) for name in paper.authors),
        ("citation_publication_date", _slashed(work.published_on) or str(work.year or "")),
        ("citation_online_date", _slashed(paper.updated_at.date() if paper.updated_at else None)),
        ("citation_journal_title", paper.journal_ref),
        ("citation_arxiv_id", paper.arxiv_id),
        ("citation_doi", paper.doi),
        ("citation_abstract_html_url", _page_url(paper)),
        ("citation_pdf_url", _pdf_url(paper)),
        *(("citation_keywords", word) for word in paper.extras.keywords),
        ("citation_abstract", paper.abstract_text),
    ]
    return [(name, content) for name, content in tags if content]


def json_ld(paper: Paper) -> SafeString:
    """A schema.org ScholarlyArticle.

    `<`, `>` and `&` are escaped, so that no text in it can end the script element.
    """
    work = paper.citation
    article = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "@id": _page_url(paper),
        "url": _page_url(paper),
        "headline": paper.title_text[:110],
        "name": paper.title_text,
        "abstract": paper.abstract_text,
        "author": [
            {"@type": "Organization" if citations.is_group(name) else "Person", "name": name}
            for name in paper.authors
        ],
        "datePublished": work.published_on.isoformat() if work.published_on else None,
        "dateModified": paper.updated_at.isoformat() if paper.updated_at else None,
        "version": paper.version,
        "keywords": list(paper.extras.keywords),
        "about": [topic.name for topic in paper.topic_list],
        "identifier": _identifiers(paper),
        "sameAs": list(filter(None, [paper.abstract_url, paper.doi_url])),
        "image": f"{settings.SITE_URL}{reverse('papers:card', args=[paper.key])}",
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/LikeAction",
            "userInteractionCount": paper.upvotes,
        },
    }
    filled = {name: value for name, value in article.items() if value not in (None, "", [])}
    return mark_safe(json.dumps(filled, ensure_ascii=False).translate(JSON_ESCAPES))  # noqa: S308


def _page_url(paper: Paper) -> str:
    return f"{settings.SITE_URL}{paper.get_absolute_url()}"


def _pdf_url(paper: Paper) -> str:
    """Of an arXiv paper our own redirect: Google Scholar ignores a PDF on another host."""
    if paper.arxiv_id:
        return f"{settings.SITE_URL}{reverse('papers:pdf', args=[paper.arxiv_id])}"
    return paper.pdf_url


def card_alt(paper: Paper) -> str:
    """The text alternative of the card."""
    authors = f"{', '.join(paper.lead_authors)}{' and others' if paper.more_authors else ''}"
    return f"{paper.title_text}, by {authors}" if authors else paper.title_text


def _identifiers(paper: Paper) -> list[dict[str, Any]]:
    known = [("arXiv", paper.arxiv_id), ("DOI", paper.doi)]
    return [
        {"@type": "PropertyValue", "propertyID": scheme, "value": value}
        for scheme, value in known
        if value
    ]


def _slashed(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""


JSON_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
