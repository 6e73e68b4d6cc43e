"""Turns a mail provider's event, as django-anymail normalises it, into an Event of ours."""

import hashlib
import json
import re
from datetime import datetime

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from subscriptions.bounces.dsn import EventKind, classify_failure
from subscriptions.bounces.record import Event
from subscriptions.models import Delivery
from subscriptions.models.subscriber import normalize_address

# Names of soft bounces at Amazon, Brevo and Postmark; bounce classes of SparkPost.
SOFT_BOUNCE = re.compile(r"soft|transient|undetermined|^ *(2[0-4]|40|70|100)\b", re.I)


def from_anymail(provider: str, tracking: AnymailTrackingEvent, now: datetime) -> Event:
    details = {
        "type": tracking.event_type,
        "reason": tracking.reject_reason,
        "words": tracking.mta_response or tracking.description,
    }
    return Event(
        provider=provider,
        event_id=str(tracking.event_id or _content_hash(provider, tracking))[:200],
        kind=_kind(tracking),
        at=min(tracking.timestamp or now, now),
        address=tracking.recipient or "",
        delivery=_delivery(tracking),
        details={name: str(text) for name, text in details.items() if text},
    )


def _delivery(tracking: AnymailTrackingEvent) -> Delivery | None:
    """By the metadata that we sent along, by our Message-ID, or the last one to this address."""
    deliveries = Delivery.objects.select_related("subscriber")
    key = str((tracking.metadata or {}).get("delivery", ""))
    delivery = deliveries.filter(pk=key).first() if key.isdecimal() else None
    if delivery is None and tracking.message_id:
        message_id = f"<{str(tracking.message_id).strip('<>')}>"
        delivery = deliveries.filter(message_id=message_id).first()
    address = normalize_address(tracking.recipient or "")
    if delivery is None and address:
        sent = deliveries.filter(subscriber__address=address, sent_at__isnull=False)
        if tracking.timestamp:
            sent = sent.filter(sent_at__lte=tracking.timestamp)
        delivery = sent.order_by("-sent_at").first()
    if delivery and tracking.recipient and delivery.subscriber.address != address:
        return None
    return delivery


def _kind(tracking: AnymailTrackingEvent) -> EventKind:
    reason = tracking.reject_reason
    match tracking.event_type:
        case EventType.DELIVERED:
            return EventKind.DELIVERED
        case EventType.DEFERRED:
            return EventKind.DELAYED
        case EventType.COMPLAINED:
            return EventKind.COMPLAINT
        case EventType.UNSUBSCRIBED:
            return EventKind.UNSUBSCRIBE
        case EventType.BOUNCED if reason == RejectReason.BOUNCED:
            return _hard_or_soft(tracking)
        case EventType.BOUNCED | EventType.REJECTED if reason in {
            RejectReason.INVALID,
            RejectReason.BOUNCED,
        }:
            return EventKind.HARD
        case EventType.REJECTED if reason == RejectReason.SPAM:
            return EventKind.COMPLAINT
        case EventType.REJECTED if reason == RejectReason.UNSUBSCRIBED:
            return EventKind.UNSUBSCRIBE
        case EventType.BOUNCED if reason in {RejectReason.BLOCKED, RejectReason.SPAM}:
            return EventKind.REFUSED
        case EventType.BOUNCED:
            return EventKind.SOFT
    return EventKind.OTHER


def _hard_or_soft(tracking: AnymailTrackingEvent) -> EventKind:
    """anymail calls both a bounce; the provider's own event or the server's answer shows which."""
    own = tracking.esp_event if hasattr(tracking.esp_event, "get") else {}
    type_ = " ".join(str(own.get(name, "")) for name in ("Type", "type", "event", "bounce_class"))
    if SOFT_BOUNCE.search(f"{type_} {tracking.description}"):
        return EventKind.SOFT
    text = str(tracking.mta_response or tracking.description or "")
    status = re.search(r"\b[45]\.\d{1,3}\.\d{1,3}\b", text)
    return classify_failure(status[0] if status else "", text)


def _content_hash(provider: str, tracking: AnymailTrackingEvent) -> str:
    """Stands for the id of an event where the provider gives none."""
    facts = [
        provider,
        tracking.event_type,
        tracking.recipient,
        tracking.message_id,
        str(tracking.timestamp),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
