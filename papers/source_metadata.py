"""Reads `Paper.extra`: what a source gave beyond our fields, as JSON that nobody has checked."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MAX_ITEMS = 100  # keywords, or media; a page shows a dozen
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
    license_url: str = ""
    report_number: str = ""

    @classmethod
    def from_json(cls, value: object) -> "Extra":
        """The known keys whose values have the right type; the rest is left out."""
        extra = value if isinstance(value, dict) else {}
        organization = extra.get("organization")
        owner = organization if isinstance(organization, dict) else {}
        stars = extra.get("stars")
        license_url = _text(extra.get("license"))
        return cls(
            comment=_text(extra.get("comment")),
            summary=_text(extra.get("ai_summary")),
            keywords=_texts(extra.get("keywords")),
            organization=_text(owner.get("fullname")) or _text(owner.get("name")),
            media=tuple(filter(_is_web_url, _texts(extra.get("media")))),
            stars=stars if type(stars) is int and stars >= 0 else None,
            license_url=license_url if _is_web_url(license_url) else "",
            report_number=_text(extra.get("report_number")),
        )

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


def _texts(value: object) -> tuple[str, ...]:
    items: list[Any] = value if isinstance(value, list) else []
    return tuple(filter(None, map(_text, items)))[:MAX_ITEMS]


def _is_web_url(address: str) -> bool:
    """Whether a page may link to it; `http://[` is no URL at all."""
    try:
        return urlsplit(address).scheme in ("http", "https") and " " not in address
    except ValueError:
        return False
