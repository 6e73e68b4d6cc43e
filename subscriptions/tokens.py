"""Signed tokens in the links and addresses of our mails: each is valid for one purpose only."""

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
    STOP_NOTIFICATIONS = "stop-notifications"
    # In mail addresses: what is mailed there is about this delivery, or this subscriber.
    BOUNCE = "bounce"
    CONFIRMATION_BOUNCE = "confirmation-bounce"
    MAIL_UNSUBSCRIBE = "mail-unsubscribe"


def make(purpose: Purpose, subscriber_id: int, version: int) -> str:
    """A short token for a link, also in a mail's header. It does not expire.

    `subscriber_id` is the key of a delivery where the purpose is VIEW, and that of an account
    where it is STOP_NOTIFICATIONS.
    """
    return _signer(purpose).sign(f"{subscriber_id}-{version}")


def read(purpose: Purpose, token: str) -> tuple[int, int] | None:
    """The two numbers of `make`; None for a token that is forged or for another purpose."""
    try:
        subscriber_id, _, version = _signer(purpose).unsign(token).partition("-")
        return int(subscriber_id), int(version)
    except (BadSignature, ValueError):
        return None


def make_with_content(purpose: Purpose, content: Sequence[Any]) -> str:
    """A token that carries values: signed, but not encrypted."""
    return _signer(purpose).sign_object(list(content), compress=True)


def read_with_content(purpose: Purpose, token: str) -> list[Any] | None:
    try:
        content = _signer(purpose).unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return content if isinstance(content, list) else None


def make_for_address(purpose: Purpose, number: int) -> str:
    """A token for a mail address, without capitals, as some servers change their case.

    `number` is the key of a delivery (BOUNCE) or of a subscriber.
    """
    return f"{PREFIXES[purpose]}{number}-{_mac(purpose, number, settings.SECRET_KEY)}"


def read_from_address(token: str) -> tuple[Purpose, int] | None:
    letter, digits, mac = token[:1], *token[1:].partition("-")[::2]
    purpose = next((key for key, value in PREFIXES.items() if value == letter), None)
    if purpose is None or not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        return None
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        if constant_time_compare(mac, _mac(purpose, int(digits), key)):
            return purpose, int(digits)
    return None


PREFIXES = {Purpose.BOUNCE: "d", Purpose.CONFIRMATION_BOUNCE: "c", Purpose.MAIL_UNSUBSCRIBE: "u"}


def _mac(purpose: Purpose, number: int, key: str) -> str:
    return salted_hmac(f"subscriptions.{purpose}", str(number), secret=key).hexdigest()[:20]


def _signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"subscriptions.{purpose}")


def path(name: str, token: str) -> str:
    """The path of the page that a token opens; `name` is that of the URL pattern."""
    return _path_pattern(name).replace("TOKEN", token)


@cache  # reverse() is slow, and called for each mail
def _path_pattern(name: str) -> str:
    return reverse(f"subscriptions:{name}", args=["TOKEN"])
