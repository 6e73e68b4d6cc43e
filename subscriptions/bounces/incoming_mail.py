"""Takes one incoming mail: a bounce, a complaint, or an unsubscribe by mail."""

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import Message

from django.conf import settings

from subscriptions import tokens
from subscriptions.bounces.dsn import EventKind, is_automatic, parse
from subscriptions.bounces.record import Event, record
from subscriptions.models import Delivery, Subscriber
from subscriptions.tokens import Purpose

MAX_MAIL_BYTES = 1_000_000  # of a longer mail the rest is ignored: what matters comes first
logger = logging.getLogger(__name__)


def receive(raw: bytes, recipients: Sequence[str], now: datetime) -> str:
    """Take a mail as an MTA hands it over; `recipients` are those of its envelope.

    Returns what it was: an EventKind, "unknown" (no token of ours in it), or "forgotten" (its
    subscriber has been erased).
    """
    raw = raw[:MAX_MAIL_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    message = message_from_bytes(raw)
    report = parse(message)
    # A complaint is sent to one address for all, and contains our mail with its return path.
    text = [raw.decode("latin-1")] if report.kind == EventKind.COMPLAINT else []
    token = next(_tokens([*recipients, *_recipients(message), *text]), None)
    if token is None:
        logger.warning("Mail without a token of ours: %.100r", message.get("Subject"))
        return "unknown"
    purpose, number = token
    delivery = None
    if purpose == Purpose.BOUNCE:
        delivery = Delivery.objects.select_related("subscriber").filter(pk=number).first()
        subscriber = delivery.subscriber if delivery else None
    else:
        subscriber = Subscriber.objects.filter(pk=number).first()
    if subscriber is None:
        return "forgotten"
    kind = report.kind
    if purpose == Purpose.MAIL_UNSUBSCRIBE:
        # Mail programs write there for their users; an automatic answer is nobody's wish.
        kind = EventKind.OTHER if is_automatic(message) else EventKind.UNSUBSCRIBE
    elif not report.is_formal and subscriber.address not in report.addresses:
        kind = EventKind.OTHER  # text like that of a bounce, but about another address
    event_id = hashlib.sha256(f"{purpose} {number}\n".encode() + raw).hexdigest()
    details = {"status": report.status, "words": report.diagnostic}
    record(Event("mail", event_id, kind, now, subscriber.address, delivery, details))
    return str(kind)


def _recipients(message: Message) -> list[str]:
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    return [str(value) for name in names for value in message.get_all(name, [])]


def _tokens(texts: Sequence[str]) -> Iterator[tuple[Purpose, int]]:
    """The valid tokens in addresses of the form RETURN_PATH in these texts."""
    if not settings.RETURN_PATH:
        return
    before, _, after = settings.RETURN_PATH.partition("{token}")
    address = re.compile(f"{re.escape(before)}([a-z0-9-]+){re.escape(after)}", re.I)
    for text in texts:
        for match in address.finditer(text):
            if token := tokens.read_from_address(match[1].lower()):
                yield token
