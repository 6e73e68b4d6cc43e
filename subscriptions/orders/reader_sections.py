"""Sections of a digest that depend on its reader's account, and adding one by a click."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from following.models import Follow
from interests.models import Interest
from subscriptions.models import Subscriber, Subscription
from subscriptions.models.subscription import TITLES
from subscriptions.orders.order_request import add_subscriptions, subscription_keys

CONSENT_HOW = "a button on the site, signed in with this confirmed address"
What = Subscription.What


def offered(reader_id: int | None) -> list[tuple[str, str]]:
    """Values of `Subscription.what` for which this reader has chosen anything, with titles."""
    chosen = {What.FOLLOWED: Follow.objects, What.FOR_YOU: Interest.objects}
    return [
        (what.value, TITLES[what])
        for what, rows in chosen.items()
        if reader_id and rows.filter(reader=reader_id).exists()
    ]


@transaction.atomic
def add(reader: User, what: str, now: datetime) -> Subscription:
    """Let the reader's digest have this section. Again changes nothing.

    Who gets no digest yet gets a daily one from now on: the account has confirmed the address, so
    no email asks for it again. Raises TooManySubscriptions.
    """
    subscriber = _subscriber(reader, now)
    like = subscriber.subscriptions.first() or Subscription()
    add_subscriptions(subscriber, subscription_keys(False, [], own=[what]), like)
    subscriber.schedule_next_issue(now)
    return subscriber.subscriptions.get(what=what)


def _subscriber(reader: User, now: datetime) -> Subscriber:
    """An address of the account that gets digests, else the one it signs in with, confirmed."""
    for subscriber in Subscriber.objects.of_reader(reader).order_by("pk"):
        if subscriber.is_confirmed:
            return subscriber
    confirmed = EmailAddress.objects.filter(user=reader, verified=True)
    address = confirmed.order_by("-primary", "pk").values_list("email", flat=True)[0]
    subscriber, _ = Subscriber.objects.get_or_create(address=address)
    subscriber.consent("Papers chosen with their account, by email every day.", CONSENT_HOW, now)
    return subscriber
