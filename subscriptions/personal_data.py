"""Exports and erases everything that is stored about a person.

By address for whoever opens a mailed link; by account for whoever is signed in, together with the
data of the addresses that the account has verified. A suppression is kept: it is a hash from which
the address cannot be read, and it protects the address from more mail.

Private notes of curators about a person are deleted with the account or the address, but are not in
the export, which nobody reads before it is given out: docs/hosting.md says how to give them.
"""

import re
from collections import defaultdict
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from comments import personal_data as comments_data
from following import personal_data as following_data
from interests import personal_data as interests_data
from library import personal_data as library_data
from notifications import personal_data as notifications_data
from papers.models import Report
from profiles import personal_data as profiles_data
from reader_api import personal_data as reader_api_data
from subscriptions import departure_log
from subscriptions.models import (
    Delivery,
    DeliveryPaper,
    MailEvent,
    NotificationMail,
    Subscriber,
    Suppression,
)
from subscriptions.models.delivery import QUEUED_STATES
from subscriptions.models.subscriber import normalize_address

ERASED_ADDRESS = "(forgotten)"
# Each exports what it stores of an account, which is deleted with it.
APPS_OF_READERS = (
    library_data,
    following_data,
    interests_data,
    comments_data,
    profiles_data,
    reader_api_data,
    notifications_data,
)


class StaffAccountError(Exception):
    """The account is a curator's: the log of what they did would be deleted with it."""


def export(address: str) -> dict[str, Any]:
    """All that is stored about an address, as values for JSON."""
    address = normalize_address(address)
    subscriber = Subscriber.objects.filter(address=address).first()
    suppression = Suppression.objects.for_address(address).first()
    return {
        "address": address,
        "subscriber": _columns(subscriber, "id", "address", "token_version"),
        "orders": [
            {"title": order.title} | _columns(order, "id", "subscriber", "topic")
            for order in (subscriber.subscriptions.select_related("topic") if subscriber else [])
        ],
        "mails": _deliveries(subscriber) if subscriber else [],
        "events": [_columns(event, "id", "delivery") for event in _events(address)],
        "suppression": _columns(suppression, "id", "address_hash"),
        "changes_by_curators": [
            {"when": entry.action_time, "about": entry.object_repr, "what": entry.change_message}
            for entry in _log_entries(address)
        ],
    }


def export_account(user: User) -> dict[str, Any]:
    votes = user.upvotes.select_related("paper")
    stored = {
        "account": _columns(user, "id", "password"),
        "addresses": list(_addresses(user).values("email", "verified", "primary")),
        "second_steps": [  # without their secrets
            _columns(row, "id", "user", "data") | {"name": str(row)}
            for row in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "linked_accounts": [
            _columns(row, "id", "user")
            for row in SocialAccount.objects.filter(user=user).order_by("pk")
        ],
        "sessions": [
            _columns(row, "id", "user", "session_key", "data")
            for row in UserSession.objects.filter(user=user).order_by("pk")
        ],
        "upvotes": [
            {"paper": vote.paper.key, "title": vote.paper.title_text}
            | _columns(vote, "id", "user", "paper")
            for vote in votes
        ],
        "brought": list(user.submitted.values_list("key", flat=True)),
        "submissions": [
            _columns(row, "id", "submitter", "paper") | {"paper": row.paper and row.paper.key}
            for row in user.submissions.select_related("paper").order_by("pk")
        ],
        "reports": [
            _columns(row, "id", "reporter", "paper", "decided_by") | {"paper": row.paper.key}
            for row in Report.objects.filter(reporter=user).select_related("paper").order_by("pk")
        ],
        "notes_as_curator": [
            _columns(row, "id", "author", "content_type", "object_id") | {"about": str(row.about)}
            for row in user.curator_notes_written.order_by("pk")
        ],
        "notification_mails": [
            _columns(row, "id", "reader", "delivery", "notifications")
            for row in user.notification_mails.order_by("pk")
        ],
        "mail": [export(address) for address in verified_addresses(user)],
    }
    for app in APPS_OF_READERS:
        stored |= app.export(user)
    return stored


@transaction.atomic
def erase(address: str) -> None:
    """Erase an address everywhere except in an account that uses it."""
    address = normalize_address(address)
    _events(address).delete()
    departure_log.add(address, departure_log.ERASED)
    queued = Delivery.objects.filter(subscriber__address=address, state__in=QUEUED_STATES)
    NotificationMail.objects.filter(delivery__in=queued).give_back()  # to be mailed by themselves
    Subscriber.objects.filter(address=address).delete()  # with its subscriptions and deliveries
    _erase_from_log(address)


@transaction.atomic
def erase_account(user: User) -> None:
    """Erase an account with all its rows and sessions, and all data of its addresses.

    Papers that it added stay, without its name.

    Raises StaffAccountError for a curator.
    """
    if user.is_staff:
        raise StaffAccountError
    addresses = {
        *verified_addresses(user),
        *_addresses(user).values_list("email", flat=True),
        user.email,
    }
    for address in verified_addresses(user):
        erase(address)
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    user.submitted.update(submitter_name="")
    user.delete()
    for address in addresses:
        _erase_from_log(address)


def verified_addresses(user: User) -> list[str]:
    """The addresses of an account whose confirmation link was opened."""
    verified = _addresses(user).filter(verified=True)
    return [normalize_address(address) for address in verified.values_list("email", flat=True)]


def _addresses(user: User) -> "QuerySet[EmailAddress]":
    addresses: QuerySet[EmailAddress] = EmailAddress.objects.filter(user_id=user.pk)
    return addresses


def _deliveries(subscriber: Subscriber) -> list[dict[str, Any]]:
    papers: dict[int, list[dict[str, str]]] = defaultdict(list)
    rows = DeliveryPaper.objects.filter(subscriber=subscriber).order_by("position")
    for delivery, section, key in rows.values_list("delivery_id", "section", "paper__key"):
        papers[delivery].append({"section": section, "paper": key})
    return [
        {"issue": str(delivery.issue)}
        | _columns(delivery, "id", "issue", "subscriber", "lease_until")
        | {"papers": papers[delivery.pk]}
        for delivery in subscriber.deliveries.select_related("issue").order_by("pk")
    ]


def _events(address: str) -> "QuerySet[MailEvent]":
    """Mail events about it, also those whose delivery has been deleted."""
    mentions = Q(delivery__subscriber__address=address) | Q(said__icontains=address)
    pattern = _address_pattern(address)
    events = MailEvent.objects.filter(mentions).select_related("delivery__subscriber")
    ids = [
        event.pk
        for event in events
        if (event.delivery and event.delivery.subscriber.address == address)
        or pattern.search(str(event.said))
    ]
    return MailEvent.objects.filter(pk__in=ids)


def _log_entries(address: str) -> list[LogEntry]:
    """Entries of the admin's log that mention the address."""
    mentions = Q(object_repr__icontains=address) | Q(change_message__icontains=address)
    pattern = _address_pattern(address)
    entries = LogEntry.objects.filter(mentions).order_by("pk")
    return [
        entry for entry in entries if pattern.search(f"{entry.object_repr} {entry.change_message}")
    ]


def _erase_from_log(address: str) -> None:
    """Keep the log entries, without the address."""
    pattern = _address_pattern(address)
    for entry in _log_entries(address):
        entry.object_repr = pattern.sub(ERASED_ADDRESS, entry.object_repr)
        entry.change_message = pattern.sub(ERASED_ADDRESS, entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])


def _address_pattern(address: str) -> re.Pattern[str]:
    """Matches this address, but not as a part of a longer one."""
    return re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def _columns(row: Any, *but: str) -> dict[str, Any]:
    """The values of a row by column, without the columns `but`, which mean nothing to a reader."""
    if row is None:
        return {}
    fields = [field for field in row._meta.concrete_fields if field.name not in but]
    return {field.name: field.value_from_object(row) for field in fields}
