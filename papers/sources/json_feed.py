"""Reads JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/) into what feedparser makes.

So that everything that holds for the items of RSS and Atom holds for its items, too.
"""

import html
from typing import Any

from papers.sources import ParseError, clean, feed_xml


def is_json(body: bytes) -> bool:
    return body[: feed_xml.FEED_END_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read(body: bytes) -> feed_xml.Feed:
    """The feed; raises ParseError that says what the body is if it is none."""
    try:
        answer = clean.mapping(clean.from_json(body))
    except ValueError as error:
        raise ParseError(f"broken JSON ({error}) instead of a feed") from None
    items = answer.get("items")
    if "jsonfeed.org/version/" not in clean.line(answer.get("version")) or not isinstance(
        items, list
    ):
        raise ParseError("JSON that is no JSON Feed instead of a feed")
    if len(items) > feed_xml.MAX_ENTRIES:
        raise ParseError(f"more than {feed_xml.MAX_ENTRIES} entries")
    head = {"title": answer.get("title"), "link": answer.get("home_page_url")}
    return feed_xml.Feed(head, [_entry(clean.mapping(item)) for item in items])


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    identifier = item.get("id")
    entry = {
        "id": str(identifier) if isinstance(identifier, int | float) else identifier,
        "title": _as_html(item.get("title")),  # which may not hold any
        "link": item.get("url") or item.get("external_url"),
        "summary": _as_html(item.get("summary")),
        "content": [{"value": item.get("content_html") or _as_html(item.get("content_text"))}],
        "authors": [{"name": clean.mapping(one).get("name")} for one in _authors(item)],
        "tags": [{"term": tag} for tag in clean.lines(item.get("tags"))],
        "links": _links(item),
        "media_thumbnail": [
            {"url": url} for key in ("image", "banner_image") if (url := item.get(key))
        ],
    }
    for key, field in (("published", "date_published"), ("updated", "date_modified")):
        if moment := clean.moment(item.get(field)):
            entry |= {key: item[field], f"{key}_parsed": moment.timetuple()}
    return entry


def _as_html(value: object) -> str:
    return html.escape(value, quote=False) if isinstance(value, str) else ""


def _authors(item: dict[str, Any]) -> list[Any]:
    """Version 1.0 has one author, 1.1 a list."""
    people = item.get("authors") or [item.get("author")]
    return people if isinstance(people, list) else []


def _links(item: dict[str, Any]) -> list[dict[str, Any]]:
    attachments = item.get("attachments")
    links = [{"rel": "alternate", "href": item.get("url")}]
    links.append({"rel": "related", "href": item.get("external_url")})
    for attachment in map(clean.mapping, attachments if isinstance(attachments, list) else []):
        link = {"href": attachment.get("url"), "type": attachment.get("mime_type")}
        links.append({"rel": "enclosure", **link})
    return [link for link in links if link["href"]]
