"""Takes one incoming mail: a bounce, a complaint, or an unsubscribe by mail."""

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from itertools import islice

from django.conf import settings

from subscriptions import tokens
from subscriptions.bounces.dsn import EventKind, is_automatic, parse
from subscriptions.bounces.record import Event, record
from subscriptions.models import Delivery, Issue, Subscriber
from subscriptions.tokens import Purpose

MAX_MAIL_BYTES = 1_000_000  # of a longer mail the rest is ignored: what matters comes first
MAX_QUOTED_IDS = 20
DIGEST_ID = re.compile(r"(<(daily|weekdays|weekly)\.([0-9w-]{8,10})\.[0-9a-f]{24}@[^>\s]{1,253}>)")
CONFIRMATION_ID = re.compile(r"<(c[0-9]{1,18}-[0-9a-f]{20})\.[0-9a-f]{16}@[^>\s]{1,253}>")
logger = logging.getLogger(__name__)


def receive(raw: bytes, recipients: Sequence[str], now: datetime) -> str:
    """Take a mail as an MTA hands it over; `recipients` are those of its envelope.

    Returns what it was: an EventKind, "unknown" (about no mail of ours), or "forgotten" (its
    subscriber has been erased).
    """
    raw = raw[:MAX_MAIL_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    message = message_from_bytes(raw)
    report = parse(message)
    # A complaint is sent to one address for all, and contains our mail with its return path.
    text = [raw.decode("latin-1")] if report.kind == EventKind.COMPLAINT else []
    token = next(_tokens([*recipients, *_recipients(message), *text]), None)
    quoted = None if token else _quoted_message_id(raw.decode("latin-1").lower())
    if not (token := token or quoted):
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
    elif quoted and not _names(raw, subscriber.address):
        kind = EventKind.OTHER
    elif not report.is_formal and subscriber.address not in report.addresses:
        kind = EventKind.OTHER  # text like that of a bounce, but about another address
    event_id = hashlib.sha256(f"{purpose} {number}\n".encode() + raw).hexdigest()
    details = {"status": report.status, "words": report.diagnostic}
    record(Event("mail", event_id, kind, now, subscriber.address, delivery, details))
    return str(kind)


def _quoted_message_id(text: str) -> tuple[Purpose, int] | None:
    """Which of our mails a report quotes, where RETURN_PATH does not say it: by its Message-ID.

    Nobody can guess one: it holds a keyed hash, or a token.
    """
    for whole, frequency, period in islice(DIGEST_ID.findall(text), MAX_QUOTED_IDS):
        issue = Issue.objects.filter(frequency=frequency, period__iexact=period).first()
        deliveries = issue.deliveries.filter(message_id__iexact=whole) if issue else None
        if delivery := deliveries and deliveries.first():
            return Purpose.BOUNCE, delivery.pk
    tokens_found = map(tokens.read_from_address, CONFIRMATION_ID.findall(text))
    found = islice(tokens_found, MAX_QUOTED_IDS)
    return next((token for token in found if token), None)


def _names(raw: bytes, address: str) -> bool:
    return (
        re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", raw.decode("latin-1"), re.I)
        is not None
    )


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
