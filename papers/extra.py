"""What a source told beyond a paper's own fields: JSON of anybody's making, read with care."""

from dataclasses import dataclass
from typing import Any

MOST = 12  # keywords, or films, that a page shows


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


def read(given: object) -> Extra:
    """Its known parts that have the right shape; the rest is not shown."""
    extra = given if isinstance(given, dict) else {}
    organization = extra.get("organization")
    owner = organization if isinstance(organization, dict) else {}
    stars = extra.get("stars")
    return Extra(
        comment=_text(extra.get("comment")),
        summary=_text(extra.get("ai_summary")),
        keywords=_texts(extra.get("keywords")),
        organization=_text(owner.get("fullname")) or _text(owner.get("name")),
        media=tuple(filter(_is_web, _texts(extra.get("media")))),
        stars=stars if type(stars) is int and stars >= 0 else None,
        license_url=license if _is_web(license := _text(extra.get("license"))) else "",
        report_number=_text(extra.get("report_number")),
    )


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    given: list[Any] = value if isinstance(value, list) else []
    return tuple(filter(None, map(_text, given)))[:MOST]


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))
