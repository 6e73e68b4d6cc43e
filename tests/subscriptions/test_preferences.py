"""Behind the link of any digest: what goes to an address, and when."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from subscriptions.forms import PreferencesForm
from subscriptions.models import Subscriber
from tests.factories import a_topic
from tests.subscriptions.factories import FRIDAY_8AM, a_subscriber, on_topic

pytestmark = pytest.mark.django_db


def save(client: Client, subscriber: Subscriber, **changes: Any) -> Any:
    """The form as its page shows it, with these changes."""
    shown = PreferencesForm(subscriber)
    data = {name: shown[name].value() for name in shown.fields}
    data = {name: value for name, value in (data | changes).items() if value is not False}
    with time_machine.travel(FRIDAY_8AM, tick=False):
        response = client.post(subscriber.preferences_url, data)
    subscriber.refresh_from_db()
    return response


def orders(subscriber: Subscriber) -> list[str]:
    return sorted(str(order) for order in subscriber.subscriptions.all())


def test_the_page_shows_what_stands(client: Client) -> None:
    subscriber = a_subscriber(orders=[on_topic(a_topic("vision"), frequency="weekly")], hour=9)
    form = client.get(subscriber.preferences_url).context["form"]
    assert form["topic"].value() == ["vision"]
    assert not form["everything"].value()
    assert (form["frequency"].value(), form["hour"].value()) == ("weekly", 9)


def test_a_change_holds_from_the_next_issue(client: Client) -> None:
    subscriber = a_subscriber()
    assert save(client, subscriber, hour=9, time_zone="Europe/Berlin").status_code == 200
    assert subscriber.next_due_at == datetime(2025, 3, 15, 8, tzinfo=UTC)


def test_topics_come_and_go(client: Client) -> None:
    a_topic("vision"), a_topic("robots")
    subscriber = a_subscriber()
    save(client, subscriber, everything=False, topic=["vision", "robots"])
    assert orders(subscriber) == ["Robots, daily", "Vision, daily"]
    save(client, subscriber, everything="on", topic=["robots"])
    assert orders(subscriber) == ["All papers, daily", "Robots, daily"]


def test_saving_without_a_change_changes_nothing(client: Client) -> None:
    subscriber = a_subscriber(
        orders=[
            {"frequency": "daily", "min_upvotes": 5},
            on_topic(a_topic("vision"), frequency="weekly", max_papers=3),
        ]
    )
    before = list(subscriber.subscriptions.values())
    save(client, subscriber)
    assert list(subscriber.subscriptions.values()) == before


def test_what_is_changed_is_changed_in_every_order(client: Client) -> None:
    subscriber = a_subscriber(
        orders=[{"min_upvotes": 5}, on_topic(a_topic("vision"), frequency="weekly")]
    )
    save(client, subscriber, frequency="weekly", max_papers=7, weekday=6)
    assert orders(subscriber) == ["All papers, weekly", "Vision, weekly"]
    kept = subscriber.subscriptions.values_list("max_papers", "weekday", "min_upvotes")
    assert list(kept) == [(7, 6, 5), (7, 6, 0)]
    assert subscriber.next_due_at == datetime(2025, 3, 16, 7, tzinfo=UTC)


def test_nothing_chosen_is_a_slip_not_a_goodbye(client: Client) -> None:
    subscriber = a_subscriber()
    response = save(client, subscriber, everything=False)
    assert response.context["form"].errors
    assert orders(subscriber) == ["All papers, daily"]


def test_no_cookie_is_needed(client: Client) -> None:
    subscriber = a_subscriber()
    stranger = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    assert save(stranger, subscriber, hour=9).status_code == 200
    assert subscriber.hour == 9


def test_who_unsubscribed_does_not_come_back_by_the_way(client: Client) -> None:
    subscriber = a_subscriber()
    subscriber.unsubscribe(FRIDAY_8AM)
    save(client, subscriber, hour=9)
    assert not subscriber.is_active
    assert subscriber.next_due_at is None


def test_unlike_orders_are_not_made_alike_unasked(client: Client) -> None:
    subscriber = a_subscriber(orders=[{}, on_topic(a_topic("vision"), frequency="weekly")])
    a_topic("robots")
    save(client, subscriber, topic=["vision", "robots"])
    assert orders(subscriber) == ["All papers, daily", "Robots, daily", "Vision, weekly"]
