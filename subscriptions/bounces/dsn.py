"""What one mail says of another: by its formal part, else by the habits of mail servers. Pure."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Any

from flufl.bounce import all_failures

from subscriptions.sending.smtp import ENHANCED, Verdict, of_status

FULL = re.compile(r"quota|mailbox (is )?full|mailbox size|insufficient storage", re.I)
logger = logging.getLogger(__name__)


class Kind(StrEnum):
    DELIVERED = "delivered"
    DELAYED = "delayed"  # they will try again
    SOFT = "soft bounce"
    HARD = "hard bounce"
    REFUSED = "refused"  # because of us or what we wrote: the address is fine
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    OTHER = "other"


WORST_FIRST = [Kind.HARD, Kind.SOFT, Kind.REFUSED, Kind.DELAYED, Kind.DELIVERED]


@dataclass(frozen=True, slots=True)
class Report:
    kind: Kind
    status: str = ""
    words: str = ""
    addresses: frozenset[str] = frozenset()
    is_formal: bool = False  # made to be read by programs


def read(message: Message) -> Report:
    """A mail to a return path may be anything: a bounce, an answer, somebody's holiday."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            return Report(Kind.COMPLAINT, is_formal=True)
    formal = [it for part in message.walk() for it in _fields(part)]
    if formal:
        return min(formal, key=lambda report: WORST_FIRST.index(report.kind))
    if is_automatic(message) and not _is_from_a_server(message):
        return Report(Kind.OTHER)
    try:
        delayed, failed = all_failures(message)
    except Exception:  # forty years of strange mail: one more is no reason to stop
        logger.exception("A mail that cannot be read")
        return Report(Kind.OTHER)
    text = _text(message)
    if failed:
        found = ENHANCED.search(text)
        kind = kind_of(found[0], text) if found else Kind.SOFT if FULL.search(text) else Kind.HARD
        return Report(kind, found[0] if found else "", "", _plain(failed))
    return Report(Kind.DELAYED, addresses=_plain(delayed)) if delayed else Report(Kind.OTHER)


def _fields(part: Message) -> Iterator[Report]:
    """Each recipient's block of a delivery status (RFC 3464)."""
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return
    blocks: Any = part.get_payload()
    for block in blocks:
        action = str(block.get("Action", "")).split(";")[0].strip().lower()
        found = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(block.get("Status", "")))
        status, words = found[0] if found else "", str(block.get("Diagnostic-Code", ""))
        if action.startswith("fail"):
            yield Report(kind_of(status, words), status, words, is_formal=True)
        elif action == "delayed":
            yield Report(Kind.DELAYED, status, words, is_formal=True)
        elif action == "delivered":
            yield Report(Kind.DELIVERED, status, words, is_formal=True)


def kind_of(status: str, words: str) -> Kind:
    """A failure for good. The words of the last server know better than a status that says
    nothing."""
    if status in {"", "5.0.0"} and (found := ENHANCED.search(words)):
        status = found[0]
    if FULL.search(words) or status.startswith(("4.", "2.")):
        return Kind.SOFT
    if status in {"", "5.0.0"}:
        return Kind.HARD
    return {Verdict.GONE: Kind.HARD, Verdict.REFUSED: Kind.REFUSED}.get(
        of_status(status), Kind.SOFT
    )


def is_automatic(message: Message) -> bool:
    said = str(message.get("Auto-Submitted", "no")).strip().lower()
    return said != "no" or any(
        message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    )


def _is_from_a_server(message: Message) -> bool:
    daemon = re.search(r"mailer-daemon|postmaster", str(message.get("From", "")), re.I)
    return bool(daemon) or message.get_content_type() == "multipart/report"


def _text(message: Message) -> str:
    texts = (it.get_payload(decode=True) for it in message.walk() if not it.is_multipart())
    return b"\n".join(it for it in texts if isinstance(it, bytes))[:50_000].decode("latin-1")


def _plain(addresses: Any) -> frozenset[str]:
    return frozenset(it.decode("latin-1").strip().lower() for it in addresses)
