"""What a source told beyond a paper's own fields: JSON of anybody's making, read with care."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST = 100  # keywords, or films; a page shows a dozen
CREATIVE_COMMONS = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Extra:
    comment: str = ""
    summary: str = ""  # written by a machine, at the source
    keywords: tuple[str, ...] = ()
    organization: str = ""
    media: tuple[str, ...] = ()
    stars: int | None = None
    license_url: str = ""
    report_number: str = ""

    @classmethod
    def of(cls, given: object) -> "Extra":
        """Its known parts that have the right shape; the rest is not shown."""
        extra = given if isinstance(given, dict) else {}
        organization = extra.get("organization")
        owner = organization if isinstance(organization, dict) else {}
        stars = extra.get("stars")
        license_url = _text(extra.get("license"))
        return cls(
            comment=_text(extra.get("comment")),
            summary=_text(extra.get("ai_summary")),
            keywords=_texts(extra.get("keywords")),
            organization=_text(owner.get("fullname")) or _text(owner.get("name")),
            media=tuple(filter(_is_web, _texts(extra.get("media")))),
            stars=stars if type(stars) is int and stars >= 0 else None,
            license_url=license_url if _is_web(license_url) else "",
            report_number=_text(extra.get("report_number")),
        )

    @property
    def license_name(self) -> str:
        """CC BY-NC 4.0 of its address at Creative Commons; else where it can be read."""
        if found := CREATIVE_COMMONS.search(self.license_url):
            return f"CC {found[1].upper()} {found[2]}"
        if "creativecommons.org/publicdomain/zero" in self.license_url:
            return "CC0"
        return urlsplit(self.license_url).hostname or ""


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    given: list[Any] = value if isinstance(value, list) else []
    return tuple(filter(None, map(_text, given)))[:MOST]


def _is_web(address: str) -> bool:
    """One that a page may link to; `http://[` is none."""
    try:
        return urlsplit(address).scheme in ("http", "https") and " " not in address
    except ValueError:
        return False
