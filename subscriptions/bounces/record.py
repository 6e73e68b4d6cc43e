"""What comes back: events of a mail provider, and mail to the return paths of ours.

Whatever the order, and however often the same thing is told, the state in the end is the same.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.conf import settings
from django.db import transaction

from subscriptions import tokens
from subscriptions.bounces.dsn import Kind, is_automatic, kind_of, read
from subscriptions.models import Delivery, MailEvent, Subscriber, Suppression
from subscriptions.models.subscriber import normalize_address
from subscriptions.tokens import Purpose

MOST_BYTES = 1_000_000  # of a mail; what matters stands at its beginning
IN_A_ROW = 5
MOST_WORDS = 500
# In the words of Amazon, Brevo, Postmark; in the classes of SparkPost.
SOFT = re.compile(r"soft|transient|undetermined|^ *(2[0-4]|40|70|100)\b", re.I)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    provider: str
    event_id: str
    kind: Kind
    at: datetime
    address: str = ""
    delivery: Delivery | None = None
    said: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def record(event: Event) -> bool:
    """Once, however often we are told; whether it was news."""
    subscriber = _of_whom(event)
    address = subscriber.address if subscriber else normalize_address(event.address)
    _, is_new = MailEvent.objects.get_or_create(
        provider=event.provider,
        event_id=event.event_id,
        defaults={
            "kind": event.kind,
            "delivery": event.delivery,
            "said": {name: _without(address, words) for name, words in event.said.items()},
            "happened_at": event.at,
        },
    )
    if is_new:
        match event.kind:
            case Kind.HARD if address:
                Suppression.objects.add(address, Suppression.Reason.HARD_BOUNCE)
            case Kind.COMPLAINT if address:
                Suppression.objects.add(address, Suppression.Reason.COMPLAINT)
            case Kind.UNSUBSCRIBE if subscriber:
                subscriber.unsubscribe(event.at)
            case Kind.SOFT | Kind.DELIVERED if subscriber:
                _count(subscriber)
    return is_new


def _of_whom(event: Event) -> Subscriber | None:
    if event.delivery:
        return event.delivery.subscriber
    return Subscriber.objects.by_address(event.address) if event.address else None


def _count(subscriber: Subscriber) -> None:
    """Soft bounces in a row. One mail that was delivered shows that the mailbox lives."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    told = MailEvent.objects.filter(
        delivery__subscriber=subscriber, kind__in=[Kind.SOFT, Kind.DELIVERED]
    )
    latest_first = told.order_by("-delivery_id").values_list("delivery_id", "kind")[:200]
    kinds: dict[int | None, set[str]] = {}
    for delivery, kind in latest_first:
        kinds.setdefault(delivery, set()).add(kind)
    in_a_row = 0
    for said in kinds.values():
        if Kind.DELIVERED in said:
            break
        in_a_row += 1
    Subscriber.objects.filter(pk=subscriber.pk).update(soft_bounces=in_a_row)
    if in_a_row >= IN_A_ROW:
        Suppression.objects.add(subscriber.address, Suppression.Reason.SOFT_BOUNCES)
    else:
        softly = Suppression.objects.for_address(subscriber.address)
        softly.filter(reason=Suppression.Reason.SOFT_BOUNCES).delete()


def _without(address: str, words: str) -> str:
    """Who asks to be forgotten stands nowhere, so not here either."""
    if address:
        words = re.sub(re.escape(address), "…", words, flags=re.I)
    return words[:MOST_WORDS]


# --- A provider's events ---


def of_provider(provider: str, told: AnymailTrackingEvent, now: datetime) -> Event:
    delivery = _delivery_of(told)
    said = {
        "type": told.event_type,
        "reason": told.reject_reason,
        "words": told.mta_response or told.description,
    }
    return Event(
        provider=provider,
        event_id=str(told.event_id or _hash(provider, told))[:200],
        kind=_kind_of(told),
        at=min(told.timestamp or now, now),
        address=told.recipient or "",
        delivery=delivery,
        said={name: str(words) for name, words in said.items() if words},
    )


def _delivery_of(told: AnymailTrackingEvent) -> Delivery | None:
    """By what we gave along, by our Message-ID, or the last one to this address."""
    deliveries = Delivery.objects.select_related("subscriber")
    named = str((told.metadata or {}).get("delivery", ""))
    found = deliveries.filter(pk=named).first() if named.isdecimal() else None
    if found is None and told.message_id:
        ours = f"<{str(told.message_id).strip('<>')}>"
        found = deliveries.filter(message_id=ours).first()
    if found is None and told.recipient:
        to = deliveries.filter(
            subscriber__address=normalize_address(told.recipient), sent_at__isnull=False
        )
        if told.timestamp:
            to = to.filter(sent_at__lte=told.timestamp)
        found = to.order_by("-sent_at").first()
    if found and told.recipient and found.subscriber.address != normalize_address(told.recipient):
        return None
    return found


def _kind_of(told: AnymailTrackingEvent) -> Kind:
    reason = told.reject_reason
    match told.event_type:
        case EventType.DELIVERED:
            return Kind.DELIVERED
        case EventType.DEFERRED:
            return Kind.DELAYED
        case EventType.COMPLAINED:
            return Kind.COMPLAINT
        case EventType.UNSUBSCRIBED:
            return Kind.UNSUBSCRIBE
        case EventType.BOUNCED if reason == RejectReason.BOUNCED:
            return _hard_or_soft(told)
        case EventType.BOUNCED | EventType.REJECTED if reason in {
            RejectReason.INVALID,
            RejectReason.BOUNCED,
        }:
            return Kind.HARD
        case EventType.REJECTED if reason == RejectReason.SPAM:
            return Kind.COMPLAINT
        case EventType.REJECTED if reason == RejectReason.UNSUBSCRIBED:
            return Kind.UNSUBSCRIBE
        case EventType.BOUNCED if reason in {RejectReason.BLOCKED, RejectReason.SPAM}:
            return Kind.REFUSED
        case EventType.BOUNCED:
            return Kind.SOFT
    return Kind.OTHER


def _hard_or_soft(told: AnymailTrackingEvent) -> Kind:
    """anymail calls both a bounce: the provider’s own word, or the server’s answer, tells."""
    own = told.esp_event if hasattr(told.esp_event, "get") else {}
    type_ = " ".join(str(own.get(name, "")) for name in ("Type", "type", "event", "bounce_class"))
    if SOFT.search(f"{type_} {told.description}"):
        return Kind.SOFT
    words = str(told.mta_response or told.description or "")
    found = re.search(r"\b[45]\.\d{1,3}\.\d{1,3}\b", words)
    return kind_of(found[0] if found else "", words)


def _hash(provider: str, told: AnymailTrackingEvent) -> str:
    facts = [provider, told.event_type, told.recipient, told.message_id, str(told.timestamp)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


# --- Mail to a return path ---


def receive(raw: bytes, recipients: Sequence[str], now: datetime) -> str:
    """One mail as an MTA hands it over; in a word, what it was."""
    raw = raw[:MOST_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    message = message_from_bytes(raw)
    report = read(message)
    # A complaint goes to an address of its own, and has our mail in it.
    text = [raw.decode("latin-1")] if report.kind == Kind.COMPLAINT else []
    named = next(_named([*recipients, *_to(message), *text]), None)
    if named is None:
        logger.warning("A mail that names none of ours: %.100r", message.get("Subject"))
        return "unknown"
    purpose, number = named
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
        # Programs write there for their people; what answers by itself is nobody's wish.
        kind = Kind.OTHER if is_automatic(message) else Kind.UNSUBSCRIBE
    elif not report.is_formal and subscriber.address not in report.addresses:
        kind = Kind.OTHER  # words that look like a bounce, about nobody we know
    digest = hashlib.sha256(f"{purpose} {number}\n".encode() + raw).hexdigest()
    said = {"status": report.status, "words": report.words}
    record(Event("mail", digest, kind, now, subscriber.address, delivery, said))
    return str(kind)


# --- Whose mail it was ---


def _to(message: Message) -> list[str]:
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    return [str(value) for name in names for value in message.get_all(name, [])]


def _named(texts: Sequence[str]) -> Iterator[tuple[Purpose, int]]:
    """Tokens of ours in these."""
    if not settings.RETURN_PATH:
        return
    before, _, after = settings.RETURN_PATH.partition("{token}")
    address = re.compile(f"{re.escape(before)}([a-z0-9-]+){re.escape(after)}", re.I)
    for text in texts:
        for found in address.finditer(text):
            if named := tokens.read_plain(found[1].lower()):
                yield named
