"""Reads `Paper.extra`: what a source gave beyond our fields, as JSON that nobody has checked."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_ITEMS = 100  # keywords, or media; a page shows a dozen
MAX_SHORT_SUMMARY_CHARS = 400  # more is no sentence, and too long for a row
# What a list reads; the rest stays in the database.
KEYS_OF_ROW = ("ai_summary", "organization", "stars", "comments", "discussion_id")
# Papers of huggingface.co have their discussion under this address. Its ids begin with the time in
# seconds; other sites of that shape, this software among them, make up ids that begin with zeros.
DISCUSSION_PAGE = "https://huggingface.co/papers/{arxiv_id}#community"
DISCUSSION_ID = re.compile("6[0-9a-f]{23}")
CREATIVE_COMMONS = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Extra:
    """What pages and exports show of it."""

    comment: str = ""
    summary: str = ""  # by a language model of the source
    keywords: tuple[str, ...] = ()
    organization: str = ""
    media: tuple[str, ...] = ()
    stars: int | None = None
    comments: int = 0  # in the discussion at the source
    discussion_id: str = ""
    license_url: str = ""
    report_number: str = ""

    @classmethod
    def from_json(cls, value: object) -> "Extra":
        """The known keys whose values have the right type; the rest is left out."""
        extra = value if isinstance(value, dict) else {}
        organization = extra.get("organization")
        owner = organization if isinstance(organization, dict) else {}
        license_url = _text(extra.get("license"))
        return cls(
            comment=_text(extra.get("comment")),
            summary=_text(extra.get("ai_summary")),
            keywords=_texts(extra.get("keywords")),
            organization=_text(owner.get("fullname")) or _text(owner.get("name")),
            media=tuple(filter(_is_web_url, _texts(extra.get("media")))),
            stars=_count(extra.get("stars")),
            comments=_count(extra.get("comments")) or 0,
            discussion_id=_text(extra.get("discussion_id")),
            license_url=license_url if _is_web_url(license_url) else "",
            report_number=_text(extra.get("report_number")),
        )

    @property
    def short_summary(self) -> str:
        """The summary where it is a sentence, as those of sources are."""
        return self.summary if len(self.summary) <= MAX_SHORT_SUMMARY_CHARS else ""

    @property
    def stars_text(self) -> str:
        return f"{self.stars:,}"

    @property
    def comments_text(self) -> str:
        return "1 comment" if self.comments == 1 else f"{self.comments:,} comments"

    def discussion_url(self, arxiv_id: str) -> str:
        """Where the paper of this id is discussed at its source; empty where that is not known."""
        is_known = arxiv_id and DISCUSSION_ID.fullmatch(self.discussion_id)
        return DISCUSSION_PAGE.format(arxiv_id=arxiv_id) if is_known else ""

    @property
    def license_name(self) -> str:
        """CC BY-NC 4.0 for an address at Creative Commons; else the host of the address."""
        if match := CREATIVE_COMMONS.search(self.license_url):
            return f"CC {match[1].upper()} {match[2]}"
        if "creativecommons.org/publicdomain/zero" in self.license_url:
            return "CC0"
        return urlsplit(self.license_url).hostname or ""


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _texts(value: object) -> tuple[str, ...]:
    items: list[Any] = value if isinstance(value, list) else []
    return tuple(filter(None, map(_text, items)))[:MAX_ITEMS]


def _is_web_url(address: str) -> bool:
    """Whether a page may link to it; `http://[` is no URL at all."""
    try:
        return urlsplit(address).scheme in ("http", "https") and " " not in address
    except ValueError:
        return False
