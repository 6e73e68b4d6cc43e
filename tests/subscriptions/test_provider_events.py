"""Events that a mail provider posts to the webhook."""

import base64
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from subscriptions.models import Delivery, MailEvent, Subscriber, Suppression
from tests.subscriptions.factories import past_deliveries, suppressed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_settings")]
KEY = "Basic " + base64.b64encode(b"hook:secret").decode()


def postmark(kind: str, number: int, delivery: Delivery, **fields: Any) -> dict[str, Any]:
    at = datetime(2025, 3, 14, 9, number % 60, tzinfo=UTC).isoformat()
    common = {"MessageID": f"m{number}", "Metadata": {"delivery": str(delivery.pk)}}
    match kind:
        case "Delivery":
            own = {"Recipient": "ada@example.org", "DeliveredAt": at, "Details": "ok"}
        case "Bounce":
            own = {"ID": number, "Email": "Ada@example.org", "BouncedAt": at, "Details": "no"}
        case _:
            own = {"ID": number, "Email": "ada@example.org", "BouncedAt": at, "Type": kind}
    return {"RecordType": kind} | common | own | fields


def post(client: Client, body: Any, provider: str = "postmark", key: str = KEY) -> int:
    content = body if isinstance(body, str) else json.dumps(body)
    return client.post(
        f"/hooks/mail/{provider}",
        content,
        content_type="application/json",
        headers={"Authorization": key} if key else {},
    ).status_code


@pytest.mark.slow
@pytest.mark.parametrize("shuffles", [2, pytest.param(6, marks=pytest.mark.long)])
def test_replayed_and_shuffled_events_come_to_the_same(client: Client, shuffles: int) -> None:
    deliveries = past_deliveries(6)
    events = [postmark("Bounce", n, it, Type="SoftBounce") for n, it in enumerate(deliveries)]
    events += [
        postmark("Delivery", 10, deliveries[1]),
        postmark("Bounce", 11, deliveries[2], Type="HardBounce"),
        postmark("SpamComplaint", 12, deliveries[3]),
        postmark("Delivery", 13, deliveries[4]),
        {"RecordType": "Open", "MessageID": "m14", "Recipient": "ada@example.org"},
        {"RecordType": "Something else"},
    ]
    ends = set()
    for seed in range(shuffles):
        MailEvent.objects.all().delete()
        Suppression.objects.all().delete()
        Subscriber.objects.update(soft_bounces=0, unsubscribed_at=None)
        thrice = events * 3
        random.Random(seed).shuffle(thrice)
        assert {post(client, it) for it in thrice} == {200}
        subscriber = Subscriber.objects.get()
        ends.add((suppressed(), subscriber.soft_bounces, subscriber.is_active))
        assert MailEvent.objects.count() == len(events)
    assert ends == {(("hard bounce", "all"), 1, True)}


def test_an_event_is_of_the_delivery_that_it_names(client: Client, delivery: Delivery) -> None:
    post(client, postmark("Bounce", 1, delivery, Type="HardBounce"))
    assert MailEvent.objects.get().delivery == delivery


def test_without_metadata_it_is_the_last_mail_to_that_address(
    client: Client, delivery: Delivery
) -> None:
    post(client, postmark("Bounce", 1, delivery, Type="HardBounce", Metadata={}))
    assert MailEvent.objects.get().delivery == delivery


@pytest.mark.parametrize("key", ["", "Basic eDp5", "Bearer secret", "Basic not-base64!"])
def test_a_stranger_is_not_believed(key: str, client: Client, delivery: Delivery) -> None:
    event = postmark("Bounce", 1, delivery, Type="HardBounce")
    assert post(client, event, key=key) == 403
    assert not MailEvent.objects.exists() and suppressed() is None


def test_without_a_secret_there_is_no_hook(client: Client, settings: Settings) -> None:
    settings.HOOK_SECRET, settings.ANYMAIL = "", {}
    assert post(client, {}) == 404


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"RecordType": 7}', "[[[]]]"])
def test_what_is_no_event_is_a_bad_request_or_nothing(body: str, client: Client) -> None:
    assert post(client, body) in {200, 400}
    assert suppressed() is None


@pytest.mark.parametrize("provider", ["nobody", "..", "mailgun", "resend", "brevo", "sendgrid"])
def test_other_providers_never_fail(provider: str, client: Client) -> None:
    assert post(client, [{"event": 1}], provider) in {200, 400, 403, 404}


def test_a_hook_is_no_page(client: Client) -> None:
    assert client.get("/hooks/mail/postmark").status_code == 405
    assert client.head("/hooks/mail/postmark").status_code == 200
