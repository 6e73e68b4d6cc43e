"""Writes Atom, RSS 2.0 and JSON Feed 1.1, with Django's feed generators.

Added here: several authors of an entry, JSON Feed, and titles that readers do not take for HTML.
"""

import json
import re
from datetime import UTC, datetime
from typing import IO, Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, rfc3339_date
from django.utils.xmlutils import SimplerXMLGenerator

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the date of a feed without entries
NO_ATTRIBUTES: "AttributesImpl[str]" = AttributesImpl({})
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


class StableDateFeed(SyndicationFeed):
    def latest_post_date(self) -> datetime:
        """Django's is now where there is no entry: then each response would differ."""
        return max((item["updateddate"] for item in self.items), default=LONG_AGO)


class AtomFeed(StableDateFeed, Atom1Feed):
    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", NO_ATTRIBUTES)
            handler.addQuickElement("name", name)
            handler.endElement("author")


class RssFeed(StableDateFeed, Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | {"xmlns:dc": DUBLIN_CORE}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item | {"title": defuse_tags(item["title"])})
        for name in item["authors"]:
            handler.addQuickElement("dc:creator", defuse_tags(name))

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        title, description = self.feed["title"], self.feed["description"]
        self.feed |= {"title": defuse_tags(title), "description": defuse_tags(description)}
        super().add_root_elements(handler)


class JsonFeed(StableDateFeed):
    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: IO[str], encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "items": [self._item(item) for item in self.items],
        }
        outfile.write(json.dumps(feed, ensure_ascii=False, indent=1))

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["description"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": [{"name": name} for name in item["authors"]],
            "tags": item["categories"],
        }


FORMATS: dict[str, type[AtomFeed] | type[RssFeed] | type[JsonFeed]] = {
    "atom": AtomFeed,
    "rss": RssFeed,
    "json": JsonFeed,
}
TAG_OR_ENTITY = re.compile(r"<(?=[A-Za-z/!?])|&(?=#?\w+;)")
WORD_JOINER = "\u2060"


def defuse_tags(text: str) -> str:
    """RSS does not say whether a title is HTML, and readers drop a `<think>` in it as a tag.

    An invisible character after the `<` or `&` keeps it from being read as a tag or an entity.
    """
    return TAG_OR_ENTITY.sub(rf"\g<0>{WORD_JOINER}", text)
