"""Parses reports about a mail: formal ones (RFC 3464), others by their text. No database."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Any

from flufl.bounce import all_failures

from subscriptions.sending.verdicts import ENHANCED_STATUS, Verdict, verdict_of_status

MAILBOX_FULL = re.compile(r"quota|mailbox (is )?full|mailbox size|insufficient storage", re.I)
logger = logging.getLogger(__name__)


class EventKind(StrEnum):
    DELIVERED = "delivered"
    DELAYED = "delayed"  # their server will try again
    SOFT = "soft bounce"
    HARD = "hard bounce"
    REFUSED = "refused"  # because of us or our text: the address itself is fine
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    OTHER = "other"


WORST_FIRST = [
    EventKind.HARD,
    EventKind.SOFT,
    EventKind.REFUSED,
    EventKind.DELAYED,
    EventKind.DELIVERED,
]


@dataclass(frozen=True, slots=True)
class Report:
    """`status` is an enhanced status code (RFC 3463), `diagnostic` the text of the last server."""

    kind: EventKind
    status: str = ""
    diagnostic: str = ""
    addresses: frozenset[str] = frozenset()
    is_formal: bool = False  # in a format for programs, and so certain


def parse(message: Message) -> Report:
    """Mail to a return path may be anything: a bounce, an answer, an out-of-office reply."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            return Report(EventKind.COMPLAINT, is_formal=True)
    formal = [report for part in message.walk() for report in _recipient_reports(part)]
    if formal:
        return min(formal, key=lambda report: WORST_FIRST.index(report.kind))
    if is_automatic(message) and not _is_from_a_server(message):
        return Report(EventKind.OTHER)
    try:
        delayed, failed = all_failures(message)
    except Exception:  # no malformed mail may stop the others
        logger.exception("A mail that cannot be parsed")
        return Report(EventKind.OTHER)
    text = _text(message)
    if failed:
        status = ENHANCED_STATUS.search(text)
        if status:
            kind = classify_failure(status[0], text)
        else:
            kind = EventKind.SOFT if MAILBOX_FULL.search(text) else EventKind.HARD
        return Report(kind, status[0] if status else "", "", _normalized(failed))
    if delayed:
        return Report(EventKind.DELAYED, addresses=_normalized(delayed))
    return Report(EventKind.OTHER)


def _recipient_reports(part: Message) -> Iterator[Report]:
    """A report for each recipient's block of a delivery status (RFC 3464)."""
    if part.get_content_type() != "message/delivery-status" or not part.is_multipart():
        return
    blocks: Any = part.get_payload()
    for block in blocks:
        action = str(block.get("Action", "")).split(";")[0].strip().lower()
        match = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(block.get("Status", "")))
        status, diagnostic = match[0] if match else "", str(block.get("Diagnostic-Code", ""))
        if action.startswith("fail"):
            yield Report(classify_failure(status, diagnostic), status, diagnostic, is_formal=True)
        elif action == "delayed":
            yield Report(EventKind.DELAYED, status, diagnostic, is_formal=True)
        elif action == "delivered":
            yield Report(EventKind.DELIVERED, status, diagnostic, is_formal=True)


def classify_failure(status: str, diagnostic: str) -> EventKind:
    """Of a mail that will not be tried again.

    A status in the text of the last server is preferred to one that says nothing (5.0.0).
    """
    if status in {"", "5.0.0"} and (match := ENHANCED_STATUS.search(diagnostic)):
        status = match[0]
    if MAILBOX_FULL.search(diagnostic) or status.startswith(("4.", "2.")):
        return EventKind.SOFT
    if status in {"", "5.0.0"}:
        return EventKind.HARD
    return {Verdict.NO_SUCH_MAILBOX: EventKind.HARD, Verdict.BLOCKED: EventKind.REFUSED}.get(
        verdict_of_status(status), EventKind.SOFT
    )


def is_automatic(message: Message) -> bool:
    value = str(message.get("Auto-Submitted", "no")).strip().lower()
    return value != "no" or any(
        message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    )


def _is_from_a_server(message: Message) -> bool:
    daemon = re.search(r"mailer-daemon|postmaster", str(message.get("From", "")), re.I)
    return bool(daemon) or message.get_content_type() == "multipart/report"


def _text(message: Message) -> str:
    parts = (part for part in message.walk() if not part.is_multipart())
    texts = (part.get_payload(decode=True) for part in parts)
    return b"\n".join(text for text in texts if isinstance(text, bytes))[:50_000].decode("latin-1")


def _normalized(addresses: Any) -> frozenset[str]:
    return frozenset(address.decode("latin-1").strip().lower() for address in addresses)
