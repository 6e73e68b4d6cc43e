"""Any RSS, RDF or Atom feed: preprint servers, journals, OpenReview, a lab's own pages."""

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
)

MOST_KEYWORDS = 20
# Parameters that say who told us of a page, not which page it is.
TOLD_BY = re.compile(
    r"utm_\w+|rss|af|dgcid|rft_dat|fbclid|gclid|mc_[ce]id|ref_?src|fc|ff|casa_token", re.IGNORECASE
)
PATH_SAYS_ALL = ("pubmed.ncbi.nlm.nih.gov", "academic.oup.com", "www.sciencedirect.com")
WITHDRAWN = re.compile(r"\W{0,2}(?:withdrawn|retracted)(?: article)?\W{0,2}[:\]]", re.IGNORECASE)


def parse(body: bytes) -> Parsed:
    """Every entry with a title; those that arXiv wrote are read as arXiv's."""
    return collect(entries(feed_xml.read(body)))


def entries(found: feed_xml.Feed) -> Iterator[ParsedItem]:
    arxiv.raise_if_error(found.head)
    return parse_each(found.entries, partial(_entry, found.head))


def _entry(head: dict[str, Any], item: dict[str, Any]) -> Entry:
    arxiv.raise_if_api_error(item)
    if arxiv.is_by_arxiv(item):
        return arxiv.entry_of(head, item)
    title = html_text.line(item.get("title"))
    if not title:
        raise ValueError(f"no title: {clean.shown(item.get('id') or item.get('link'))}")
    link = _link(head, item)
    summary = html_text.read(item.get("summary"), link)
    contents = [html_text.read(content, link) for content in feed_xml.contents(item)]
    told = abstracts.choose(summary.text, [content.text for content in contents])
    texts = (summary, *contents)
    ids = entry_ids.of(
        item,
        link,
        "\n".join((title, *(one.text for one in texts))),
        [url for one in texts for url in one.links] + _related(item),
    )
    identifier = ids.found.get("arxiv", "")
    published = feed_xml.moment(item.get("published_parsed"))
    updated = feed_xml.moment(item.get("updated_parsed"))
    categories, keywords = arxiv_metadata.categories(feed_xml.terms(item))
    section = clean.line(item.get("prism_section"))
    return Entry(
        title=title,
        abstract=told.abstract,
        authors=author_names.people(feed_xml.authors(item))
        or author_names.split(abstracts.authors(told)),
        arxiv_id=identifier,
        version=ids.version,
        doi=ids.found.get("doi", ""),
        identifiers=ids.others,
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        announced_on=_day(item),
        submitted_at=published or updated,
        updated_at=updated if published and updated and updated > published else None,
        withdrawn=bool(WITHDRAWN.match(title)) or arxiv_metadata.is_withdrawn("", told.abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier) or link,
        pdf_url=arxiv_metadata.pdf_url(identifier) or _pdf(item, link, ids),
        journal_ref=_journal(head, item, title) or abstracts.journal(told),
        extra=clean.kept(
            keywords=list(dict.fromkeys(filter(None, (section, *keywords))))[:MOST_KEYWORDS],
            license=clean.clean_url(item.get("license")) or clean.clean_url(item.get("rights")),
            media=list(dict.fromkeys(url for one in texts for url in one.images)),
        ),
    )


def _link(head: dict[str, Any], item: dict[str, Any]) -> str:
    """The entry's page, without the parameters that differ from reader to reader."""
    base = clean.line(head.get("link"))
    for given in (item.get("link"), item.get("id")):
        url = html_text.absolute(given, base if given == item.get("link") else "")
        if not url:
            continue
        parts = urlsplit(url)
        asked = parse_qsl(parts.query, keep_blank_values=True)
        kept = [one for one in asked if not TOLD_BY.fullmatch(one[0])]
        kept = [] if parts.hostname in PATH_SAYS_ALL else kept
        shorter = urlunsplit(parts._replace(query=urlencode(kept)))
        return url if kept == asked else clean.clean_url(shorter) or url
    return ""


def _related(item: dict[str, Any]) -> list[str]:
    """Links of the entry to something else: as good as a mention."""
    others = (one for one in feed_xml.links(item) if one.get("rel") not in entry_ids.OWN)
    return [clean.line(one.get("href")) for one in others]


def _day(item: dict[str, Any]) -> Any:
    """The day of posting, where a format gives a day instead of a moment."""
    given = (item.get(key) for key in ("prism_publicationdate", "updated", "published"))
    return next(filter(None, map(clean.day, given)), None)


def _pdf(item: dict[str, Any], link: str, ids: entry_ids.Ids) -> str:
    for one in feed_xml.links(item):
        if one.get("type") == "application/pdf":
            return html_text.absolute(one.get("href"), link)
    openreview = ids.found.get("openreview")
    return f"https://openreview.net/pdf?id={openreview}" if openreview else ""


def _journal(head: dict[str, Any], item: dict[str, Any], title: str) -> str:
    """As one would cite it: "Journal of Natural History 55 (31-32), 1917-1940"."""
    said = {
        key: clean.line(item.get(f"prism_{key}"))
        for key in ("volume", "number", "startingpage", "endingpage")
    }
    given = [item.get(f"prism_publication{key}") for key in ("name", "title")]
    given.append(item.get("dc_source"))
    if any(said.values()):  # without them a feed's name may be a preprint server's
        given.append(head.get("prism_publicationname"))
    # Taylor & Francis puts the paper's title there.
    name = next((one for one in map(clean.line, given) if one and one != title), "")
    if not name or name.startswith(("http://", "https://")):
        return ""
    number = f" ({said['number']})" if said["number"] else ""
    pages = "-".join(filter(None, dict.fromkeys((said["startingpage"], said["endingpage"]))))
    volume = f" {said['volume']}{number}" if said["volume"] else ""
    return f"{name}{volume}{f', {pages}' if pages else ''}"
