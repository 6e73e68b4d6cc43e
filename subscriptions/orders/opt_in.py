"""Double opt-in: asked on a page, mailed a link, confirmed by the button behind it.

What was asked for travels in the signed link and nowhere else: a stranger who asks with your
address changes nothing that stands, and nothing of what an earlier mail says it will confirm.
"""

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q

from subscriptions import tokens
from subscriptions.durations import limit
from subscriptions.models import Subscriber, Suppression
from subscriptions.models.subscriber import normalize_address
from subscriptions.orders.order_request import Wishes
from subscriptions.sending import emails
from subscriptions.sending.smtp import FAILURES, verdict
from subscriptions.tokens import Purpose

HOW = "the button behind the link in our mail"
logger = logging.getLogger(__name__)


def ask(address: str, wishes: Wishes, now: datetime) -> int | None:
    """Who is to be mailed; nobody, where the address was asked for a moment ago."""
    subscriber, _ = Subscriber.objects.get_or_create(address=normalize_address(address))
    long_ago = Q(asked_at=None) | Q(asked_at__lte=now - limit("CONFIRMATION_PAUSE_SECONDS"))
    asked = Subscriber.objects.filter(long_ago, pk=subscriber.pk)
    return subscriber.pk if asked.update(asked_at=now, wishes=wishes.keep()) else None


def mail_link(subscriber_id: int, now: datetime) -> bool:
    """Once for each asking; again only where the first try came to nothing."""
    due = Subscriber.objects.awaiting_confirmation_mail(now).filter(pk=subscriber_id)
    if not due.update(confirmation_sent_at=now):
        return False
    subscriber = Subscriber.objects.get(pk=subscriber_id)
    if subscriber.wishes is None or subscriber.asked_at is None:
        return False
    if not Suppression.objects.for_address(subscriber.address).exists():
        wishes = Wishes.read(subscriber.wishes)
        link = link_for(subscriber, wishes, subscriber.asked_at)
        try:
            emails.confirmation(subscriber, wishes.description, link).send()
        except FAILURES as error:
            logger.warning("No confirmation mail to subscriber %s: %s", subscriber.pk, error)
            if not verdict(error).is_final:
                return False
    Subscriber.objects.filter(pk=subscriber.pk, asked_at=subscriber.asked_at).update(wishes=None)
    return True


def link_for(subscriber: Subscriber, wishes: Wishes, asked_at: datetime) -> str:
    content = [subscriber.pk, subscriber.token_version, asked_at.timestamp(), *wishes.keep()]
    return tokens.path("confirm", tokens.make_long(Purpose.CONFIRM, content))


def read(token: str, now: datetime) -> tuple[Subscriber, Wishes] | None:
    """Whose link it is and what for, while it lives: seven days, and not beyond a goodbye."""
    content = tokens.read_long(Purpose.CONFIRM, token)
    if content is None:
        return None
    subscriber_id, version, asked, *wishes = content
    asked_at = datetime.fromtimestamp(asked, UTC)
    holder = (
        Subscriber.objects.filter(pk=subscriber_id, token_version=version)
        .exclude(unsubscribed_at__gt=asked_at)
        .first()
    )
    if holder is None or asked_at + limit("CONFIRMATION_LIFE_SECONDS") <= now:
        return None
    return holder, Wishes.read(wishes)


@transaction.atomic
def confirm(subscriber: Subscriber, wishes: Wishes, now: datetime) -> None:
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    if not subscriber.is_confirmed:
        subscriber.subscriptions.all().delete()  # what an earlier life ordered was not asked for
        subscriber.confirmed_at, subscriber.unsubscribed_at = now, None
    subscriber.paused_at = None  # who asks for more has waited long enough
    subscriber.consent_text, subscriber.consent_at = wishes.description, now
    subscriber.consent_how = HOW
    subscriber.save()
    wishes.place(subscriber, now)
