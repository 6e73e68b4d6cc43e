"""A confirmation mail where the broker or the relay fails."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from subscriptions import tasks
from subscriptions.models import Subscriber
from subscriptions.orders import opt_in
from tests.subscriptions.conftest import Relay
from tests.subscriptions.factories import FRIDAY_8AM, an_order_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ADA = "ada@example.org"


def test_without_a_broker_the_answer_is_the_same_and_the_sweep_mails(
    client: Client,
    broker_down: None,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with pytest.raises(OperationalError):
        tasks.send_confirmation.delay(1)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/subscribe", {"address": ADA, "everything": "on"})
    assert response.status_code == 200
    assert [it.address for it in Subscriber.objects.awaiting_confirmation_mail(FRIDAY_8AM)] == [ADA]


def test_a_relay_that_is_busy_gets_the_mail_later(relay: Relay) -> None:
    subscriber_id = opt_in.request(ADA, an_order_request(), FRIDAY_8AM)
    assert subscriber_id
    relay.answers = {"RCPT": "450 busy"}
    assert not opt_in.send_link(subscriber_id, FRIDAY_8AM)
    relay.answers = {}
    assert not opt_in.send_link(subscriber_id, FRIDAY_8AM + timedelta(minutes=1))
    assert opt_in.send_link(subscriber_id, FRIDAY_8AM + timedelta(minutes=3))
    assert [address for address, _ in relay.received] == [ADA]


def test_an_address_that_is_none_is_not_tried_again(relay: Relay) -> None:
    subscriber_id = opt_in.request(ADA, an_order_request(), FRIDAY_8AM)
    assert subscriber_id
    relay.answers = {"RCPT": "550 5.1.1 nobody here"}
    opt_in.send_link(subscriber_id, FRIDAY_8AM)
    assert not Subscriber.objects.awaiting_confirmation_mail(
        FRIDAY_8AM + timedelta(hours=1)
    ).exists()


def test_after_a_day_of_trying_it_is_let_be(relay: Relay) -> None:
    subscriber_id = opt_in.request(ADA, an_order_request(), FRIDAY_8AM)
    assert subscriber_id
    relay.answers = {"RCPT": "450 busy"}
    opt_in.send_link(subscriber_id, FRIDAY_8AM)
    assert Subscriber.objects.awaiting_confirmation_mail(FRIDAY_8AM + timedelta(hours=23)).exists()
    assert not Subscriber.objects.awaiting_confirmation_mail(
        FRIDAY_8AM + timedelta(hours=24)
    ).exists()
