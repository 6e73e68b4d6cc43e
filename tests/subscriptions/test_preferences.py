"""Behind the link of any digest: what goes to an address, and when."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from subscriptions.models import Subscriber
from subscriptions.orders.preferences_form import PreferencesForm
from subscriptions.sending import run
from tests.factories import a_paper, a_topic
from tests.subscriptions.factories import A_DAY, FRIDAY_8AM, a_subscriber, on_topic

pytestmark = pytest.mark.django_db


def save(client: Client, subscriber: Subscriber, **changes: Any) -> Any:
    """The form as its page shows it, with these changes; `order` is for the first order."""
    shown = PreferencesForm(subscriber)
    forms = [shown.time, shown.more, *shown.subscriptions]
    data = {form[name].html_name: form[name].value() for form in forms for name in form.fields}
    for name, value in changes.items():
        first = shown.subscriptions[0]
        data[f"{first.prefix}-{name}" if name in first.fields else _named(name)] = value
    data = {name: value for name, value in data.items() if value is not False and value is not None}
    with time_machine.travel(FRIDAY_8AM, tick=False):
        response = client.post(subscriber.preferences_url, data)
    subscriber.refresh_from_db()
    return response


def _named(field: str) -> str:
    return f"more-{field}" if field in {"everything", "topic", "search", "author"} else field


def press(client: Client, subscriber: Subscriber, button: str) -> Any:
    with time_machine.travel(FRIDAY_8AM, tick=False):
        response = client.post(subscriber.preferences_url, {"do": button})
    subscriber.refresh_from_db()
    return response


def orders(subscriber: Subscriber) -> list[str]:
    return sorted(str(order) for order in subscriber.subscriptions.all())


def test_the_page_shows_what_stands(client: Client) -> None:
    order = on_topic(a_topic("vision"), frequency="weekly", min_upvotes=3)
    subscriber = a_subscriber(orders=[order], hour=9)
    shown = client.get(subscriber.preferences_url).context["preferences"]
    assert shown.time["hour"].value() == 9
    [form] = shown.subscriptions
    assert form.subscription.title == "Vision"
    assert (form["frequency"].value(), form["min_upvotes"].value()) == ("weekly", 3)


def test_a_change_holds_from_the_next_issue(client: Client) -> None:
    subscriber = a_subscriber()
    assert save(client, subscriber, hour=9, time_zone="Europe/Berlin").status_code == 200
    assert subscriber.next_due_at == datetime(2025, 3, 15, 8, tzinfo=UTC)


def test_each_order_is_changed_by_itself(client: Client) -> None:
    subscriber = a_subscriber(orders=[{}, on_topic(a_topic("vision"), frequency="weekly")])
    save(client, subscriber, frequency="weekdays", min_upvotes=5, max_papers=7)
    assert orders(subscriber) == ["All papers, on weekdays", "Vision, weekly"]
    kept = subscriber.subscriptions.values_list("min_upvotes", "max_papers")
    assert list(kept) == [(5, 7), (0, 20)]


def test_one_weekday_is_for_all_orders(client: Client) -> None:
    subscriber = a_subscriber(orders=[{"frequency": "weekly"}, on_topic(a_topic())])
    save(client, subscriber, weekday=6)
    assert {order.weekday for order in subscriber.subscriptions.all()} == {6}


@pytest.mark.slow
def test_orders_come_and_go(client: Client) -> None:
    a_topic("vision")
    subscriber = a_subscriber(orders=[{"frequency": "weekly"}])
    save(client, subscriber, topic=["vision"], search="moss -survey", author="Ada  Quill")
    assert orders(subscriber) == [
        "All papers, weekly",
        "Papers by Ada Quill, weekly",
        "Vision, weekly",
        "“moss -survey”, weekly",
    ]
    save(client, subscriber, remove="on")
    assert "All papers, weekly" not in orders(subscriber)


def test_what_is_ordered_twice_stands_once(client: Client) -> None:
    subscriber = a_subscriber(orders=[{"what": "search", "words": "moss", "min_upvotes": 9}])
    save(client, subscriber, search=" moss ")
    assert subscriber.subscriptions.get().min_upvotes == 9


def test_saving_without_a_change_changes_nothing(client: Client) -> None:
    subscriber = a_subscriber(
        orders=[
            {"frequency": "daily", "min_upvotes": 5},
            on_topic(a_topic("vision"), frequency="weekly", max_papers=3),
        ],
        time_zone="CET",
    )
    before = list(subscriber.subscriptions.values())
    save(client, subscriber)
    assert list(subscriber.subscriptions.values()) == before
    assert subscriber.time_zone == "CET"


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "Mars/Olympus"},
        {"hour": "24"},
        {"max_papers": "0"},
        {"min_upvotes": "-1"},
        {"frequency": "hourly"},
        {"topic": ["no-such"]},
        {"search": "!?!"},
        {"author": "…"},
        {"search": "x" * 301},
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(client: Client, change: Any) -> None:
    subscriber = a_subscriber()
    response = save(client, subscriber, **{"hour": 9} | change)
    assert "Nothing was kept yet" in response.text
    assert "errorlist" in response.text
    assert (subscriber.hour, orders(subscriber)) == (7, ["All papers, daily"])


def test_nothing_left_is_a_slip_not_a_goodbye(client: Client) -> None:
    subscriber = a_subscriber()
    assert "That would leave nothing" in save(client, subscriber, remove="on").text
    assert orders(subscriber) == ["All papers, daily"]


@pytest.mark.slow
def test_one_address_has_fifty_orders_at_most(client: Client) -> None:
    words = [{"what": "search", "words": f"moss {n}"} for n in range(50)]
    subscriber = a_subscriber(orders=words)
    assert "50 orders" in save(client, subscriber, search="fern").text
    assert subscriber.subscriptions.count() == 50


def test_an_order_that_ended_meanwhile_does_not_come_back(client: Client) -> None:
    subscriber = a_subscriber(orders=[{}, on_topic(a_topic("vision"))])
    shown = PreferencesForm(subscriber)
    data = {f"{shown.subscriptions[0].prefix}-frequency": "weekly", "hour": "7", "time_zone": "UTC"}
    subscriber.subscriptions.filter(what="everything").delete()
    client.post(subscriber.preferences_url, data | {"weekday": "0"})
    assert orders(subscriber) == ["Vision, daily"]


@pytest.mark.slow
def test_pause_stops_all_mail_until_it_is_taken_back(client: Client) -> None:
    a_paper()
    subscriber = a_subscriber()
    press(client, subscriber, "pause")
    run.run(FRIDAY_8AM)
    assert mail.outbox == []
    assert orders(subscriber) == ["All papers, daily"]
    press(client, subscriber, "resume")
    assert subscriber.next_due_at == datetime(2025, 3, 15, 7, tzinfo=UTC)
    run.run(FRIDAY_8AM + A_DAY)
    assert len(mail.outbox) == 1


@pytest.mark.slow
def test_a_pause_holds_back_the_mail_that_is_on_its_way(client: Client) -> None:
    a_paper()
    subscriber = a_subscriber()
    run.prepare(FRIDAY_8AM)
    press(client, subscriber, "pause")
    run.run(FRIDAY_8AM)
    assert mail.outbox == []


def test_no_cookie_is_needed(client: Client) -> None:
    subscriber = a_subscriber()
    stranger = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    assert save(stranger, subscriber, hour=9).status_code == 200
    assert subscriber.hour == 9


def test_who_unsubscribed_does_not_come_back_by_the_way(client: Client) -> None:
    subscriber = a_subscriber()
    subscriber.unsubscribe(FRIDAY_8AM)
    save(client, subscriber, hour=9)
    press(client, subscriber, "resume")
    assert not subscriber.is_active
    assert subscriber.next_due_at is None


# --- From the account ---


def test_who_proved_the_address_in_an_account_needs_no_mail(client: Client, ada: User) -> None:
    mine, unproved = a_subscriber("ada@example.org"), a_subscriber("other@example.org")
    a_subscriber("ben@example.org")
    EmailAddress.objects.create(user=ada, email="Ada@example.org", verified=True)
    EmailAddress.objects.create(user=ada, email="other@example.org", verified=False)
    client.force_login(ada)

    page = client.get("/subscriptions").text

    assert mine.preferences_url in page
    assert unproved.preferences_url not in page
    assert "ben@" not in page


def test_the_page_of_the_account_is_for_those_signed_in(client: Client) -> None:
    assert client.get("/subscriptions").url.startswith("/accounts/login/")
    assert client.post("/subscriptions").status_code == 302
