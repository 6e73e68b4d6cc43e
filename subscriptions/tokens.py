"""The links of our mails: each names a subscriber and a purpose, and serves for no other."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac


class Purpose(StrEnum):
    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    VIEW = "view"
    # Those in mail addresses: what is mailed there is about this delivery, or this subscriber.
    BOUNCE = "bounce"
    CONFIRMATION_BOUNCE = "confirmation-bounce"
    MAIL_UNSUBSCRIBE = "mail-unsubscribe"


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


def make_plain(purpose: Purpose, number: int) -> str:
    """For a mail address: short, and the same in capitals, as some servers write it."""
    return f"{PLAIN[purpose]}{number}-{_mac(purpose, number, settings.SECRET_KEY)}"


def read_plain(token: str) -> tuple[Purpose, int] | None:
    letter, digits, mac = token[:1], *token[1:].partition("-")[::2]
    purpose = next((it for it, its in PLAIN.items() if its == letter), None)
    if purpose is None or not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        return None
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        if constant_time_compare(mac, _mac(purpose, int(digits), key)):
            return purpose, int(digits)
    return None


PLAIN = {Purpose.BOUNCE: "d", Purpose.CONFIRMATION_BOUNCE: "c", Purpose.MAIL_UNSUBSCRIBE: "u"}


def _mac(purpose: Purpose, number: int, key: str) -> str:
    return salted_hmac(f"subscriptions.{purpose}", str(number), secret=key).hexdigest()[:20]


def _signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"subscriptions.{purpose}")


def path(address: str, token: str) -> str:
    """Of the page that a token opens; how it is written is looked up once, not for each mail."""
    return _around_token(address).replace("TOKEN", token)


@cache
def _around_token(address: str) -> str:
    return reverse(f"subscriptions:{address}", args=["TOKEN"])
