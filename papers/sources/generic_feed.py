"""Parses any RSS, RDF or Atom feed: preprint servers, journals, OpenReview, a lab's own pages."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from papers.sources import (
    Entry,
    Parsed,
    ParsedItem,
    abstracts,
    arxiv,
    arxiv_metadata,
    author_names,
    clean,
    collect,
    entry_ids,
    feed_xml,
    html_text,
    parse_each,
    shared_names,
)

MAX_KEYWORDS = 20
MAX_MEDIA = 20
# Query parameters that say who linked to a page, not which page it is.
TRACKING_PARAMETER = re.compile(
    r"utm_\w+|rss|af|dgcid|rft_dat|fbclid|gclid|mc_[ce]id|ref_?src|fc|ff|casa_token", re.IGNORECASE
)
TRACKING_FRAGMENT = re.compile(r"utm_|xtor=|echobox=|rss$|:~:", re.IGNORECASE)
HOSTS_WITHOUT_PARAMETERS = ("pubmed.ncbi.nlm.nih.gov", "academic.oup.com", "www.sciencedirect.com")
WITHDRAWN = re.compile(
    r"\W{0,2}(?:withdrawn|retracted|removed)(?: article)?\W{0,2}[:\]]", re.IGNORECASE
)


def parse(body: bytes) -> Parsed:
    """Every entry with a title; those that arXiv wrote are read as arXiv's."""
    return collect(entries(feed_xml.read(body)))


def entries(feed: feed_xml.Feed) -> Iterator[ParsedItem]:
    """The same one by one, when all have been read: some may share a name."""
    arxiv.raise_if_error(feed)
    yield from shared_names.without_shared(parse_each(feed.entries, partial(_entry, feed.head)))


def _entry(head: dict[str, Any], item: dict[str, Any]) -> Entry:
    """An entry; raises ValueError with the reason if the item makes none."""
    arxiv.raise_if_api_error(item)
    if arxiv.is_by_arxiv(item):
        return arxiv.entry_of(head, item)
    title = html_text.line(item.get("title"))
    if not title:
        raise ValueError(f"no title: {clean.quoted(item.get('id') or item.get('link'))}")
    link = _page_url(head, item)
    texts = [
        html_text.read(source, link) for source in (item.get("summary"), *feed_xml.contents(item))
    ]
    abstract = abstracts.choose(texts[0].text, [content.text for content in texts[1:]])
    ids = _ids(item, title, link, texts)
    arxiv_id = ids.by_scheme.get("arxiv", "")
    categories, keywords = arxiv_metadata.categories(feed_xml.terms(item))
    section = clean.line(item.get("prism_section"))
    return Entry(
        title=title,
        abstract=abstract.text,
        authors=author_names.from_elements(feed_xml.authors(item))
        or author_names.split(abstracts.authors(abstract)),
        arxiv_id=arxiv_id,
        version=ids.version,
        doi=ids.by_scheme.get("doi", ""),
        identifiers=ids.others,
        guid=_guid(item, link),
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        **_dates(item),
        withdrawn=bool(WITHDRAWN.match(title)) or arxiv_metadata.is_withdrawn("", abstract.text),
        abstract_url=arxiv_metadata.abstract_url(arxiv_id) or link,
        pdf_url=arxiv_metadata.pdf_url(arxiv_id) or _pdf_url(item, link, ids),
        journal_ref=_journal_ref(head, item, title) or abstracts.journal(abstract),
        extra=clean.without_empty(
            keywords=list(dict.fromkeys(filter(None, (section, *keywords))))[:MAX_KEYWORDS],
            license=clean.url(item.get("license")) or clean.url(item.get("rights")),
            media=_media(item, link, texts),
        ),
    )


def _ids(
    item: dict[str, Any], title: str, link: str, texts: list[html_text.HtmlText]
) -> entry_ids.EntryIds:
    all_text = "\n".join((title, *(text.text for text in texts)))
    links = [url for text in texts for url in text.links]
    return entry_ids.find(item, link, all_text, links + _related_links(item))


def _media(item: dict[str, Any], page: str, texts: list[html_text.HtmlText]) -> list[str]:
    """Addresses of its pictures, what the feed names as such before what stands in the text."""
    named = [html_text.absolute_url(url, page) for url in feed_xml.images(item)]
    in_text = [url for text in texts for url in text.images]
    return list(dict.fromkeys(filter(None, [*named, *in_text])))[:MAX_MEDIA]


def _dates(item: dict[str, Any]) -> dict[str, Any]:
    published = feed_xml.moment(item.get("published_parsed"))
    updated = feed_xml.moment(item.get("updated_parsed"))
    # The day of posting, where a format gives a day instead of a moment.
    days = (item.get(key) for key in ("prism_publicationdate", "updated", "published"))
    return {
        "announced_on": next(filter(None, map(clean.day, days)), None),
        "submitted_at": published or updated,
        "updated_at": updated if published and updated and updated > published else None,
    }


def _page_url(head: dict[str, Any], item: dict[str, Any]) -> str:
    """The entry's page, without the parameters that differ from reader to reader."""
    base = clean.line(head.get("link"))
    for value in (item.get("link"), item.get("id")):
        if url := html_text.absolute_url(value, base if value == item.get("link") else ""):
            return _without_tracking(url)
    return ""


def _guid(item: dict[str, Any], link: str) -> str:
    """The item's guid, Atom id or rdf:about; empty where it is no more than the page's address.

    Letters keep their case: the formats compare it letter by letter.
    """
    guid = clean.line(item.get("id"))
    if url := html_text.absolute_url(guid, ""):
        guid = _without_tracking(url)
    return "" if guid == link else guid


def _without_tracking(url: str) -> str:
    parts = urlsplit(url)
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in parameters if not TRACKING_PARAMETER.fullmatch(pair[0])]
    kept = [] if parts.hostname in HOSTS_WITHOUT_PARAMETERS else kept
    fragment = "" if TRACKING_FRAGMENT.match(parts.fragment) else parts.fragment
    if kept == parameters and fragment == parts.fragment:
        return url
    shorter = urlunsplit(parts._replace(query=urlencode(kept), fragment=fragment))
    return clean.url(shorter) or url


def _related_links(item: dict[str, Any]) -> list[str]:
    """Links of the entry to something else: they count like a mention in its text."""
    related = (
        link for link in feed_xml.links(item) if link.get("rel") not in entry_ids.OWN_LINK_RELS
    )
    return [clean.line(link.get("href")) for link in related]


def _pdf_url(item: dict[str, Any], page: str, ids: entry_ids.EntryIds) -> str:
    for link in feed_xml.links(item):
        if link.get("type") == "application/pdf":
            return html_text.absolute_url(link.get("href"), page)
    openreview_id = ids.by_scheme.get("openreview")
    return f"https://openreview.net/pdf?id={openreview_id}" if openreview_id else ""


def _journal_ref(head: dict[str, Any], item: dict[str, Any], title: str) -> str:
    """As one would cite it: "Journal of Natural History 55 (31-32), 1917-1940"."""
    parts = {
        key: clean.line(item.get(f"prism_{key}"))
        for key in ("volume", "number", "startingpage", "endingpage")
    }
    names = [item.get(f"prism_publication{key}") for key in ("name", "title")]
    names.append(item.get("dc_source"))
    if any(parts.values()):  # without them a feed's name may be a preprint server's
        names.append(head.get("prism_publicationname"))
    # Taylor & Francis puts the paper's title there.
    journal = next((name for name in map(clean.line, names) if name and name != title), "")
    if not journal or journal.startswith(("http://", "https://")):
        return ""
    number = f" ({parts['number']})" if parts["number"] else ""
    pages = "-".join(filter(None, dict.fromkeys((parts["startingpage"], parts["endingpage"]))))
    volume = f" {parts['volume']}{number}" if parts["volume"] else ""
    return f"{journal}{volume}{f', {pages}' if pages else ''}"
