"""Everything held about a person: handed over, or deleted.

By address where a mailed link shows who holds it; by account where somebody is signed in, and
then with whatever is held about the addresses that they have proved to be theirs. What remains
is a suppression where one stands: its fingerprint tells no address, and protects it.
"""

import re
from collections import defaultdict
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from subscriptions.models import DeliveryPaper, MailEvent, Subscriber, Suppression
from subscriptions.models.subscriber import normalize_address

FORGOTTEN = "(forgotten)"


class Curates(Exception):
    """The record of what a curator did would go with the account."""


def export(address: str) -> dict[str, Any]:
    """All that we know of an address, in plain values."""
    address = normalize_address(address)
    subscriber = Subscriber.objects.filter(address=address).first()
    suppression = Suppression.objects.for_address(address).first()
    return {
        "address": address,
        "subscriber": _facts(subscriber, "id", "address", "token_version"),
        "orders": [
            {"title": order.title} | _facts(order, "id", "subscriber", "topic")
            for order in (subscriber.subscriptions.select_related("topic") if subscriber else [])
        ],
        "mails": _mails(subscriber) if subscriber else [],
        "events": [_facts(event, "id", "delivery") for event in _events(address)],
        "suppression": _facts(suppression, "id", "address_hash"),
        "curators_notes": [
            {"when": entry.action_time, "about": entry.object_repr, "what": entry.change_message}
            for entry in _log(address)
        ],
    }


def export_account(user: User) -> dict[str, Any]:
    votes = user.upvotes.select_related("paper")
    return {
        "account": _facts(user, "id", "password"),
        "addresses": list(_addresses(user).values("email", "verified", "primary")),
        "upvotes": [
            {"paper": vote.paper.key, "title": vote.paper.title_text}
            | _facts(vote, "id", "user", "paper")
            for vote in votes
        ],
        "brought": list(user.submitted.values_list("key", flat=True)),
        "mail": [export(address) for address in proved(user)],
    }


@transaction.atomic
def erase(address: str) -> None:
    """Afterwards the address stands nowhere, but in an account that somebody has with it."""
    address = normalize_address(address)
    _events(address).delete()
    Subscriber.objects.filter(address=address).delete()  # and with it orders, mails, contents
    _blot_out(address)


@transaction.atomic
def erase_account(user: User) -> None:
    """With votes, sessions, and whatever is held about the addresses that are theirs."""
    if user.is_staff:
        raise Curates
    addresses = {*proved(user), *_addresses(user).values_list("email", flat=True), user.email}
    for address in proved(user):
        erase(address)
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    user.delete()
    for address in addresses:
        _blot_out(address)


def proved(user: User) -> list[str]:
    """The addresses of an account to which a mail was answered."""
    verified = _addresses(user).filter(verified=True)
    return [normalize_address(address) for address in verified.values_list("email", flat=True)]


def _addresses(user: User) -> "QuerySet[EmailAddress]":
    theirs: QuerySet[EmailAddress] = EmailAddress.objects.filter(user_id=user.pk)
    return theirs


def _mails(subscriber: Subscriber) -> list[dict[str, Any]]:
    papers: dict[int, list[dict[str, str]]] = defaultdict(list)
    contents = DeliveryPaper.objects.filter(subscriber=subscriber).order_by("position")
    for delivery, section, key in contents.values_list("delivery_id", "section", "paper__key"):
        papers[delivery].append({"section": section, "paper": key})
    return [
        {"issue": str(it.issue)}
        | _facts(it, "id", "issue", "subscriber", "lease_until")
        | {"papers": papers[it.pk]}
        for it in subscriber.deliveries.select_related("issue").order_by("pk")
    ]


def _events(address: str) -> "QuerySet[MailEvent]":
    """What providers told about it, with the mail or after that was forgotten."""
    named = Q(delivery__subscriber__address=address) | Q(said__icontains=address)
    spelled = _spelling(address)
    events = MailEvent.objects.filter(named).select_related("delivery__subscriber")
    theirs = [
        it.pk
        for it in events
        if (it.delivery and it.delivery.subscriber.address == address)
        or spelled.search(str(it.said))
    ]
    return MailEvent.objects.filter(pk__in=theirs)


def _log(address: str) -> list[LogEntry]:
    """What the admin's log says of it."""
    named = Q(object_repr__icontains=address) | Q(change_message__icontains=address)
    spelled = _spelling(address)
    entries = LogEntry.objects.filter(named).order_by("pk")
    return [it for it in entries if spelled.search(f"{it.object_repr} {it.change_message}")]


def _blot_out(address: str) -> None:
    """The deed stays in the log, not whom it was done to."""
    spelled = _spelling(address)
    for entry in _log(address):
        entry.object_repr = spelled.sub(FORGOTTEN, entry.object_repr)
        entry.change_message = spelled.sub(FORGOTTEN, entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])


def _spelling(address: str) -> re.Pattern[str]:
    """This address, and not the end of a longer one."""
    return re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def _facts(row: Any, *but: str) -> dict[str, Any]:
    """The columns of a row by name, but for those that mean nothing outside."""
    if row is None:
        return {}
    fields = [field for field in row._meta.concrete_fields if field.name not in but]
    return {field.name: field.value_from_object(row) for field in fields}
