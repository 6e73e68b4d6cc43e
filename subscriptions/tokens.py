"""The links of our mails: each names a subscriber and a purpose, and serves for no other."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.core.signing import BadSignature, Signer


class Purpose(StrEnum):
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    VIEW = "view"


def make(purpose: Purpose, subscriber_id: int, version: int) -> str:
    """Short, as it stands in a mail's header; it never grows old."""
    return _signer(purpose).sign(f"{subscriber_id}-{version}")


def read(purpose: Purpose, token: str) -> tuple[int, int] | None:
    try:
        subscriber_id, _, version = _signer(purpose).unsign(token).partition("-")
        return int(subscriber_id), int(version)
    except (BadSignature, ValueError):
        return None


def make_long(purpose: Purpose, content: Sequence[Any]) -> str:
    """With more in it than a name: signed, and readable by whoever holds it."""
    return _signer(purpose).sign_object(list(content), compress=True)


def read_long(purpose: Purpose, token: str) -> list[Any] | None:
    try:
        content = _signer(purpose).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return content if isinstance(content, list) else None


def _signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"subscriptions.{purpose}")
