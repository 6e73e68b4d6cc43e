"""Double opt-in: a request on the subscribe page, a link by mail, a button behind the link.

What was requested is in the signed link and nowhere else. So a stranger who subscribes with your
address changes neither your subscriptions nor what the link of an earlier mail confirms.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts.mail_errors import MAIL_ERRORS
from accounts.mailbox import mailbox
from subscriptions import tokens
from subscriptions.durations import duration_setting
from subscriptions.issues import recipients
from subscriptions.models import Subscriber, Suppression
from subscriptions.models.subscriber import normalize_address
from subscriptions.orders.order_request import OrderRequest
from subscriptions.sending import emails
from subscriptions.sending.verdicts import verdict
from subscriptions.tokens import Purpose

CONSENT_HOW = "the button behind the link in our mail"
logger = logging.getLogger(__name__)


@transaction.atomic
def request(address: str, order_request: OrderRequest, now: datetime) -> int:
    """Store the request until its link is mailed. The key of its subscriber, to be mailed.

    Not stored where the last request for this mailbox is less than CONFIRMATION_PAUSE_SECONDS old.
    The same statements in every case, so that the time of the answer tells nothing.
    """
    row = Subscriber(address=normalize_address(address), mailbox=mailbox(address))
    with connection.cursor() as cursor:  # of requests at the same time one comes first
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mail:{row.mailbox}"]
        )
    Subscriber.objects.bulk_create([row], ignore_conflicts=True)
    subscriber = Subscriber.objects.get(address=row.address)
    earliest = now - duration_setting("CONFIRMATION_PAUSE_SECONDS")
    # Up to now: a time in the future is from a clock that was ahead.
    asked = Subscriber.objects.filter(asked_at__gt=earliest, asked_at__lte=now)
    recent = asked.filter(mailbox=subscriber.mailbox).exists()
    stored = {"asked_at": now, "wishes": order_request.as_list()}
    unchanged = {"asked_at": F("asked_at"), "wishes": F("wishes")}
    Subscriber.objects.filter(pk=subscriber.pk).update(**(unchanged if recent else stored))
    return subscriber.pk


def send_link(subscriber_id: int, now: datetime) -> bool:
    """Mail the link of a stored request, once; again only where the relay failed for now.

    Whether nothing more is to be done for this request.
    """
    if settings.SENDING_HELD:
        return False
    due = Subscriber.objects.awaiting_confirmation_mail(now).filter(pk=subscriber_id)
    if not due.update(confirmation_sent_at=now):
        return False
    subscriber = Subscriber.objects.get(pk=subscriber_id)
    if subscriber.wishes is None or subscriber.asked_at is None:
        return False
    if not Suppression.objects.for_address(subscriber.address).exists():
        order_request = OrderRequest.from_list(subscriber.wishes)
        link = link_for(subscriber, order_request, subscriber.asked_at)
        try:
            emails.confirmation(subscriber, order_request.description_for_strangers, link).send()
        except MAIL_ERRORS as error:
            logger.warning("No confirmation mail to subscriber %s: %s", subscriber.pk, error)
            if not verdict(error).is_final:
                return False
    # Unless a newer request was stored meanwhile.
    Subscriber.objects.filter(pk=subscriber.pk, asked_at=subscriber.asked_at).update(wishes=None)
    return True


def link_for(subscriber: Subscriber, order_request: OrderRequest, asked_at: datetime) -> str:
    ids = [subscriber.pk, subscriber.token_version, asked_at.timestamp()]
    token = tokens.make_with_content(Purpose.CONFIRM, [*ids, *order_request.as_list()])
    return tokens.path("confirm", token)


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is, what it confirms, and when that was requested."""

    subscriber: Subscriber
    order_request: OrderRequest
    asked_at: datetime


def read_link(token: str, now: datetime) -> Link | None:
    """None for a link that is forged, older than CONFIRMATION_LIFE_SECONDS, or from before its
    subscriber unsubscribed.
    """
    content = tokens.read_with_content(Purpose.CONFIRM, token)
    if content is None:
        return None
    subscriber_id, version, timestamp, *values = content
    asked_at = datetime.fromtimestamp(timestamp, UTC)
    subscriber = (
        Subscriber.objects.filter(pk=subscriber_id, token_version=version)
        .exclude(unsubscribed_at__gt=asked_at)
        .first()
    )
    if subscriber is None or asked_at + duration_setting("CONFIRMATION_LIFE_SECONDS") <= now:
        return None
    return Link(subscriber, OrderRequest.from_list(values), asked_at)


@transaction.atomic
def confirm(link: Link, now: datetime) -> bool:
    """Record the consent, create the subscriptions, and make the first digest due.

    Raises TooManySubscriptions.

    False for a link that was used before: what its reader has changed since then stays.
    """
    subscriber = Subscriber.objects.select_for_update().get(pk=link.subscriber.pk)
    used_links = [
        asked_at
        for asked_at in subscriber.used_links
        if asked_at + duration_setting("CONFIRMATION_LIFE_SECONDS") > now
    ]
    if link.asked_at in used_links:
        return False
    subscriber.used_links = [*used_links, link.asked_at]
    subscriber.consent(link.order_request.description, CONSENT_HOW, now)
    link.order_request.apply(subscriber, now)
    recipients.create_first_delivery(subscriber, link.order_request.frequency, now)
    return True
