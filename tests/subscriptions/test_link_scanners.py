"""Whatever follows the links of our mails, on its own and with every method, changes nothing."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail, serializers
from django.test import Client

from subscriptions import tokens
from subscriptions.models import Delivery, Issue, Subscriber, Subscription
from subscriptions.orders import opt_in
from subscriptions.orders.order_request import OrderRequest
from subscriptions.sending import run
from subscriptions.tokens import Purpose
from tests.factories import MARCH_14, a_paper, a_topic
from tests.subscriptions.factories import A_DAY, FRIDAY_8AM, a_subscriber, on_topic

pytestmark = [pytest.mark.sweep, pytest.mark.django_db]
URL = re.compile(r'https?://[^\s"<>]+')
KEPT = [Subscriber, Subscription, Delivery, Issue]


@pytest.fixture(params=[3])
def mails(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """A digest to each of so many readers, and a confirmation mail to as many others."""
    with time_machine.travel(FRIDAY_8AM, tick=False):
        yield _mails(request.param)


def _mails(readers: int) -> list[Any]:
    topic = a_topic("vision")
    for number in range(5):
        a_paper(f"Moss {number}")
    for _ in range(readers):
        a_subscriber(orders=[{}, on_topic(topic)])
    run.run(FRIDAY_8AM)
    for number in range(readers):
        subscriber_id = opt_in.request(f"new{number}@example.org", REQUEST, FRIDAY_8AM)
        assert subscriber_id and opt_in.send_link(subscriber_id, FRIDAY_8AM)
    assert len(mail.outbox) == 2 * readers
    return mail.outbox


REQUEST = OrderRequest(True, [], "daily", 0, 7, "UTC")


def links(message: Any) -> set[str]:
    texts = [message.body, message.alternatives[0][0], *message.extra_headers.values()]
    return {
        urlsplit(url)._replace(scheme="", netloc="").geturl()
        for text in texts
        for url in URL.findall(str(text))
    }


def all_that_is_kept() -> str:
    rows = [row for model in KEPT for row in model._default_manager.order_by("pk")]
    return serializers.serialize("json", rows)


@pytest.mark.parametrize("mails", [3, pytest.param(100, marks=pytest.mark.long)], indirect=True)
def test_links_followed_by_machines_change_nothing(client: Client, mails: list[Any]) -> None:
    before, number = all_that_is_kept(), len(mails)
    followed = {link for message in mails for link in links(message)}
    ways = ("/unsubscribe", "/confirm", "/digests/view/", "/subscriptions/")
    assert all(any(way in link for link in followed) for way in ways)
    for _ in range(2):
        for link in sorted(followed):
            for method in (client.get, client.head, client.options):
                assert method(link or "/").status_code in {200, 302, 404, 405}
    assert all_that_is_kept() == before
    assert len(mails) == number


def test_what_their_pages_link_to_changes_nothing_either(client: Client, mails: list[Any]) -> None:
    """Some scanners go one step further."""
    before = all_that_is_kept()
    further: set[str] = set()
    for link in links(mails[0]) | links(mails[-1]):
        page = client.get(link or "/").text
        further |= set(re.findall(r'(?:href|action)="(/[^"]*)"', page))
    for link in further:
        client.get(link)
    assert all_that_is_kept() == before


def test_one_click_from_the_header_is_all_it_takes(mails: list[Any]) -> None:
    """As RFC 8058 has it: a POST without cookies, without a token of ours, answered at once."""
    machine = Client(enforce_csrf_checks=True)
    readers = len(mails) // 2
    for message in mails[:readers]:
        [link] = URL.findall(message.extra_headers["List-Unsubscribe"])
        for _ in range(3):
            response = machine.post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"})
            assert (response.status_code, response.cookies) == (200, {})
    assert not Subscriber.objects.active().exists()
    a_paper("Fern", listed_on=MARCH_14 + A_DAY)
    run.run(FRIDAY_8AM + A_DAY)
    assert len(mails) == 2 * readers


def test_no_link_of_a_mail_goes_by_way_of_a_counter(mails: list[Any], settings: Any) -> None:
    """Each leads where it says, and none but those to preferences and the like is personal."""
    digest = mails[0]
    subscriber = Subscriber.objects.get(address=digest.to[0])
    delivery = Delivery.objects.get(subscriber=subscriber)
    own = {delivery.view_url, subscriber.preferences_url, subscriber.unsubscribe_url}
    assert own < links(digest)
    others = set.intersection(*[links(it) for it in mails[: len(mails) // 2]])
    assert links(digest) - own == others


def test_tokens_of_two_purposes_are_never_alike() -> None:
    made = {tokens.make(purpose, 1, 1) for purpose in Purpose}
    assert len(made) == len(Purpose)
