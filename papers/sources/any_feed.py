"""Any RSS, RDF or Atom feed: preprint servers, journals, OpenReview, a lab's own pages."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from papers.sources import (
    Entry,
    Found,
    Parsed,
    arxiv,
    arxiv_facts,
    boilerplate,
    feed,
    fields,
    found_ids,
    gather,
    markup,
    names,
    sift,
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
    return gather(entries(feed.read(body)))


def entries(found: feed.Feed) -> Iterator[Found]:
    arxiv.raise_if_error(found.head)
    return sift(found.entries, partial(_entry, found.head))


def _entry(head: dict[str, Any], item: dict[str, Any]) -> Entry:
    arxiv.raise_if_api_error(item)
    if arxiv.is_own(item):
        return arxiv.entry_of(head, item)
    title = markup.line(item.get("title"))
    if not title:
        raise ValueError(f"no title: {fields.shown(item.get('id') or item.get('link'))}")
    link = _link(head, item)
    summary = markup.read(item.get("summary"), link)
    contents = [markup.read(content, link) for content in feed.contents(item)]
    told = boilerplate.choose(summary.text, [content.text for content in contents])
    texts = (summary, *contents)
    ids = found_ids.of(
        item,
        link,
        "\n".join((title, *(one.text for one in texts))),
        [url for one in texts for url in one.links] + _related(item),
    )
    identifier = ids.found.get("arxiv", "")
    published = feed.moment(item.get("published_parsed"))
    updated = feed.moment(item.get("updated_parsed"))
    categories, keywords = arxiv_facts.categories(feed.terms(item))
    section = fields.line(item.get("prism_section"))
    return Entry(
        title=title,
        abstract=told.abstract,
        authors=names.people(feed.authors(item)) or names.split(boilerplate.authors(told)),
        arxiv_id=identifier,
        version=ids.version,
        doi=ids.found.get("doi", ""),
        identifiers=ids.others,
        primary_category=categories[0] if categories else "",
        categories=tuple(categories),
        announced_on=_day(item),
        submitted_at=published or updated,
        updated_at=updated if published and updated and updated > published else None,
        withdrawn=bool(WITHDRAWN.match(title)) or arxiv_facts.is_withdrawn("", told.abstract),
        abstract_url=arxiv_facts.abstract_url(identifier) or link,
        pdf_url=arxiv_facts.pdf_url(identifier) or _pdf(item, link, ids),
        journal_ref=_journal(head, item, title) or boilerplate.journal(told),
        extra=fields.kept(
            keywords=list(dict.fromkeys(filter(None, (section, *keywords))))[:MOST_KEYWORDS],
            license=fields.clean_url(item.get("license")) or fields.clean_url(item.get("rights")),
            media=list(dict.fromkeys(url for one in texts for url in one.images)),
        ),
    )


def _link(head: dict[str, Any], item: dict[str, Any]) -> str:
    """The entry's page, without the parameters that differ from reader to reader."""
    base = fields.line(head.get("link"))
    for given in (item.get("link"), item.get("id")):
        url = markup.absolute(given, base if given == item.get("link") else "")
        if not url:
            continue
        parts = urlsplit(url)
        asked = parse_qsl(parts.query, keep_blank_values=True)
        kept = [one for one in asked if not TOLD_BY.fullmatch(one[0])]
        kept = [] if parts.hostname in PATH_SAYS_ALL else kept
        shorter = urlunsplit(parts._replace(query=urlencode(kept)))
        return url if kept == asked else fields.clean_url(shorter) or url
    return ""


def _related(item: dict[str, Any]) -> list[str]:
    """Links of the entry to something else: as good as a mention."""
    others = (one for one in feed.links(item) if one.get("rel") not in found_ids.OWN)
    return [fields.line(one.get("href")) for one in others]


def _day(item: dict[str, Any]) -> Any:
    """The day of posting, where a format gives a day instead of a moment."""
    given = (item.get(key) for key in ("prism_publicationdate", "updated", "published"))
    return next(filter(None, map(fields.day, given)), None)


def _pdf(item: dict[str, Any], link: str, ids: found_ids.Ids) -> str:
    for one in feed.links(item):
        if one.get("type") == "application/pdf":
            return markup.absolute(one.get("href"), link)
    openreview = ids.found.get("openreview")
    return f"https://openreview.net/pdf?id={openreview}" if openreview else ""


def _journal(head: dict[str, Any], item: dict[str, Any], title: str) -> str:
    """As one would cite it: "Journal of Natural History 55 (31-32), 1917-1940"."""
    said = {
        key: fields.line(item.get(f"prism_{key}"))
        for key in ("volume", "number", "startingpage", "endingpage")
    }
    given = [item.get(f"prism_publication{key}") for key in ("name", "title")]
    given.append(item.get("dc_source"))
    if any(said.values()):  # without them a feed's name may be a preprint server's
        given.append(head.get("prism_publicationname"))
    # Taylor & Francis puts the paper's title there.
    name = next((one for one in map(fields.line, given) if one and one != title), "")
    if not name or name.startswith(("http://", "https://")):
        return ""
    number = f" ({said['number']})" if said["number"] else ""
    pages = "-".join(filter(None, dict.fromkeys((said["startingpage"], said["endingpage"]))))
    volume = f" {said['volume']}{number}" if said["volume"] else ""
    return f"{name}{volume}{f', {pages}' if pages else ''}"
