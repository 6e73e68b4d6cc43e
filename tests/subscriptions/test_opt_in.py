"""Nobody gets a digest who did not press the button behind a mailed link."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from subscriptions import tasks, tokens
from subscriptions.models import Delivery, DeliveryPaper, Subscriber, Suppression
from subscriptions.orders import opt_in
from subscriptions.sending import run
from subscriptions.tokens import Purpose
from tests.factories import MARCH_14, a_paper, a_topic
from tests.subscriptions.factories import (
    A_DAY,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    an_order_request,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ADA = "ada@example.org"


def ask(client: Client, address: str = ADA, **fields: Any) -> Any:
    """The form, and then the sweep that mails whatever a ring would have."""
    what = {} if {"topic", "search", "author"} & fields.keys() else {"everything": "on"}
    response = client.post("/subscribe", {"address": address} | what | fields)
    for subscriber in Subscriber.objects.awaiting_confirmation_mail(datetime.now(UTC)):
        tasks.send_confirmation(subscriber.pk)
    return response


def link(number: int = -1) -> str:
    found = re.search(
        r"http://testserver(/subscriptions/\S+/confirm)", str(mail.outbox[number].body)
    )
    assert found
    return found[1]


def ada() -> Subscriber:
    return Subscriber.objects.get(address=ADA)


# --- From the form to the first digest ---


def test_the_button_confirms_and_sets_the_next_issue(client: Client) -> None:
    ask(client, "Ada@Example.org", hour="9", time_zone="Europe/Berlin")
    assert not ada().is_active
    response = client.post(link())
    assert response.status_code == 200
    assert ada().is_active
    assert ada().next_due_at == datetime(2025, 3, 15, 8, tzinfo=UTC)
    assert [str(order) for order in ada().subscriptions.all()] == ["All papers, daily"]


def test_a_suppressed_address_that_confirms_is_promised_no_digest(
    client: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(FRIDAY_8AM - timedelta(hours=4))
    a_paper("Thursday's", listed_on=MARCH_14 - A_DAY)
    ask(client)
    address = link()
    Suppression.objects.add(ADA, Suppression.Reason.CURATOR)
    page = client.post(address).text
    assert "no email goes to <b>ada@example.org</b>" in page
    assert "on its way" not in page and "digest comes" not in page


@pytest.mark.slow
def test_the_first_digest_is_the_last_issue_at_once_and_the_next_one_comes_as_always(
    client: Client, clock: time_machine.Traveller, settings: Settings
) -> None:
    clock.move_to(FRIDAY_8AM - timedelta(hours=4))  # today's issue is not due yet
    a_paper("Thursday's", listed_on=MARCH_14 - A_DAY)
    a_paper("Friday's")
    ask(client)
    page = client.post(link()).text
    assert "Your first digest, of Thursday 13 March, is on its way" in page
    assert "The next comes on Friday 14 March at 07:00 (UTC)" in page
    again = client.post(link())
    assert "nothing was changed" in again.text and "on its way" in again.text
    settings.SENDING_HELD = True
    assert run.run(datetime.now(UTC)) == {}
    settings.SENDING_HELD = False
    assert run.run(datetime.now(UTC)) == {"sent": 1}
    assert "first digest" not in client.post(link(0)).text
    assert run.run(datetime.now(UTC)) == {}
    assert run.run(FRIDAY_8AM) == {"sent": 1}
    assert run.run(FRIDAY_8AM + A_DAY) == {"empty": 1}
    assert [message.subject for message in mail.outbox[1:]] == [
        "Thursday's · Thursday 13 March",
        "Friday's · Friday 14 March",
    ]


@pytest.mark.slow
def test_without_papers_the_page_says_when_the_first_digest_comes(client: Client) -> None:
    a_paper("Friday's")
    topic = a_topic("vision")
    ask(client, topic=topic.slug, time_zone="Europe/Berlin")
    page = client.post(link()).text
    assert "Your first digest comes on Saturday 15 March at 07:00 (Europe/Berlin)" in page
    assert ada().preferences_url in page
    assert run.run(datetime.now(UTC)) == {}
    # Another order, confirmed a moment later, finds papers.
    client.post(opt_in.link_for(ada(), an_order_request(), FRIDAY_8AM + timedelta(seconds=1)))
    assert run.run(datetime.now(UTC)) == {"sent": 1}


@pytest.mark.slow
def test_a_first_weekly_digest_is_that_of_the_week_that_ended(client: Client) -> None:
    a_paper("This week's", listed_on=MARCH_14 - A_DAY)
    a_paper("Last week's", listed_on=MARCH_14 - 8 * A_DAY)
    ask(client, frequency="weekly")
    client.post(link())
    run.run(datetime.now(UTC))
    assert [it.subject for it in mail.outbox[1:]] == ["Last week's · Week of 3 March"]


def test_a_subscriber_who_has_had_digests_gets_no_other_first_one(client: Client) -> None:
    subscriber = a_subscriber(ADA, orders=[{"frequency": "weekly"}])
    a_delivery(subscriber, state="sent", created_at=FRIDAY_8AM - A_DAY)
    a_paper("Friday's")
    ask(client)
    assert "Your next digest comes on Saturday 15 March" in client.post(link()).text
    assert run.run(datetime.now(UTC)) == {}


@pytest.mark.slow
def test_a_first_digest_passes_the_same_checks_as_every_other(client: Client) -> None:
    a_paper("Friday's")
    ask(client)
    client.post(link())
    delivery = Delivery.objects.get()
    delivery.issue.pause("by a curator")
    assert run.run(datetime.now(UTC)) == {}
    delivery.issue.resume()
    Suppression.objects.add(ADA, Suppression.Reason.COMPLAINT)
    assert run.run(datetime.now(UTC)) == {"suppressed": 1}
    assert not DeliveryPaper.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_orders_confirmed_at_once_are_one_first_digest(client: Client) -> None:
    a_paper("Friday's")
    subscriber = a_subscriber(ADA, orders=[], confirmed_at=None)
    requests = [an_order_request(), an_order_request(authors=["Ada Quill"], everything=False)]
    paths = [
        opt_in.link_for(subscriber, each, FRIDAY_8AM + timedelta(seconds=number))
        for number, each in enumerate(requests)
    ]

    def confirm(path: str) -> int:
        try:
            return Client().post(path).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(confirm, paths * 2)) == [200] * 4
    assert ada().subscriptions.count() == 2
    assert run.run(datetime.now(UTC)) == {"sent": 1}
    assert run.run(datetime.now(UTC)) == {}


def test_what_was_agreed_to_is_kept_with_when_and_how(client: Client) -> None:
    topic = a_topic("vision")
    ask(client, topic=topic.slug, frequency="weekly", weekday="2")
    client.post(link())
    assert ada().consent_text == "Vision by email, every Wednesday at 07:00 (UTC)."
    assert ada().consent_at == FRIDAY_8AM
    assert ada().consent_how
    assert ada().consent_text in mail.outbox[0].body


def test_a_scanner_that_follows_the_link_confirms_nothing(client: Client) -> None:
    ask(client)
    for method in (client.get, client.head, client.options):
        method(link())
    assert ada().confirmed_at is None


def test_the_button_may_be_pressed_twice(client: Client) -> None:
    ask(client)
    client.post(link())
    before = ada().next_due_at
    assert client.post(link()).status_code == 200
    assert (ada().subscriptions.count(), ada().next_due_at) == (1, before)


def test_a_search_and_an_author_are_ordered_and_agreed_to(client: Client) -> None:
    fields = {"search": "moss  -survey", "author": "Zoë Quill", "min_upvotes": 3, "max_papers": 9}
    ask(client, **fields)
    client.post(link())
    assert [str(it) for it in ada().subscriptions.all()] == [
        "“moss -survey”, daily",
        "Papers by Zoë Quill, daily",
    ]
    assert set(ada().subscriptions.values_list("min_upvotes", "max_papers")) == {(3, 9)}
    assert ada().consent_text == (
        "The search “moss -survey” and papers by Zoë Quill by email, every day at 07:00 (UTC), "
        "from 3 upvotes on, at most 9 of each."
    )


def test_a_link_from_before_an_update_still_confirms(client: Client) -> None:
    kept = an_order_request(hour=9).as_list()[:6]
    ask(client)
    token = opt_in.link_for(ada(), an_order_request(), FRIDAY_8AM).split("/")[2]
    content = tokens.read_with_content(Purpose.CONFIRM, token)
    assert content
    old = tokens.make_with_content(Purpose.CONFIRM, [*content[:3], *kept])
    assert client.post(f"/subscriptions/{old}/confirm").status_code == 200
    assert (ada().is_active, ada().hour) == (True, 9)


@pytest.mark.slow
def test_fifty_orders_are_enough(client: Client) -> None:
    orders = [{"what": "search", "words": f"moss {n}"} for n in range(50)]
    subscriber = a_subscriber(ADA, orders=orders)
    ask(client, search="fern")
    response = client.post(link())
    assert response.status_code == 409
    assert "50 orders" in response.text
    assert subscriber.subscriptions.count() == 50


@pytest.mark.slow
def test_who_confirms_again_ends_their_pause(client: Client) -> None:
    subscriber = a_subscriber(ADA, orders=[{"what": "search", "words": "moss"}])
    subscriber.pause(FRIDAY_8AM)
    ask(client)
    client.post(link())
    assert ada().is_active
    assert ada().subscriptions.count() == 2


def test_a_used_link_neither_ends_a_pause_nor_brings_old_orders_back(
    client: Client, clock: time_machine.Traveller
) -> None:
    ask(client, hour="9")
    client.post(link())
    clock.shift(timedelta(minutes=5))
    ada().subscriptions.update(frequency="weekly", max_papers=5)
    Subscriber.objects.update(hour=4)
    ada().pause(datetime.now(UTC))
    before = Subscriber.objects.values().get()

    response = client.post(link())

    assert (response.status_code, "nothing was changed" in response.text) == (200, True)
    assert Subscriber.objects.values().get() == before
    assert list(ada().subscriptions.values_list("frequency", "max_papers")) == [("weekly", 5)]


@pytest.mark.slow
def test_two_links_confirm_in_either_order(client: Client, clock: time_machine.Traveller) -> None:
    ask(client, topic=a_topic("fern").slug)
    clock.shift(timedelta(minutes=4))
    ask(client, topic=a_topic("moss").slug)
    client.post(link(1))
    client.post(link(0))
    assert [order.title for order in ada().subscriptions.all()] == ["Moss", "Fern"]


# --- Strangers ---


@pytest.mark.slow
def test_known_unknown_and_stopped_addresses_get_the_same_answer(client: Client) -> None:
    a_subscriber("active@example.org")
    a_subscriber("stopped@example.org").unsubscribe(FRIDAY_8AM)
    Suppression.objects.add("bounced@example.org", Suppression.Reason.HARD_BOUNCE)
    answers = set()
    for name in ("active", "stopped", "bounced", "fresh"):
        address = f"{name}@example.org"
        answers.add(ask(client, address).text.replace(address, ""))
    assert len(answers) == 1


@pytest.mark.slow
def test_known_unknown_and_stopped_addresses_take_the_same_statements(client: Client) -> None:
    a_subscriber("active@example.org")
    a_subscriber("stopped@example.org").unsubscribe(FRIDAY_8AM)
    ask(client, "recent@example.org")

    def statements(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            client.post("/subscribe", {"address": address, "everything": "on"})
        return [query["sql"].split()[0] for query in queries]

    names = ["active", "stopped", "recent", "recent+1", "fresh"]
    kinds = {str(statements(f"{name}@example.org")) for name in names}
    assert len(kinds) == 1


def test_a_stranger_changes_nothing_that_stands(client: Client) -> None:
    a_subscriber(ADA, orders=[{"frequency": "weekly"}], hour=5)
    before = Subscriber.objects.values("hour", "next_due_at", "confirmed_at").get()
    ask(client, frequency="daily", hour="23")
    assert Subscriber.objects.values("hour", "next_due_at", "confirmed_at").get() == before
    assert [str(order) for order in ada().subscriptions.all()] == ["All papers, weekly"]
    client.post(link())
    assert [str(order) for order in ada().subscriptions.all()] == ["All papers, daily"]


def test_each_link_confirms_what_its_own_mail_says(
    client: Client, clock: time_machine.Traveller
) -> None:
    mine, theirs = a_topic("mine"), a_topic("theirs")
    ask(client, topic=mine.slug)
    clock.shift(timedelta(minutes=4))
    ask(client, topic=theirs.slug)
    client.post(link(0))
    assert [order.title for order in ada().subscriptions.all()] == ["Mine"]


@pytest.mark.parametrize("times", [5, pytest.param(100, marks=pytest.mark.long)])
def test_many_requests_at_once_send_one_mail(client: Client, times: int) -> None:
    for _ in range(times):
        ask(client)
    assert len(mail.outbox) == 1


@pytest.mark.slow
def test_nobody_mails_a_list_of_strangers_through_us(client: Client) -> None:
    answers = [ask(client, f"stranger{number}@example.org") for number in range(35)]
    assert [it.status_code for it in answers] == [200] * 30 + [429] * 5
    assert len(mail.outbox) == 30
    refused = answers[-1]
    assert 0 < int(refused["Retry-After"]) <= 600
    assert "Please try again in" in refused.text
    assert 'value="stranger34@example.org"' in refused.text
    other = Client(REMOTE_ADDR="192.0.2.7").post("/subscribe", {"address": ADA, "everything": "on"})
    assert other.status_code == 200


def test_after_three_minutes_it_is_sent_again(
    client: Client, clock: time_machine.Traveller
) -> None:
    ask(client)
    clock.shift(timedelta(minutes=3))
    ask(client)
    assert len(mail.outbox) == 2


def test_one_mailbox_under_many_addresses_is_mailed_once(client: Client) -> None:
    for address in ("ada@gmail.com", "a.da@gmail.com", "ada+1@gmail.com", "A.D.A+2@googlemail.com"):
        ask(client, address)
    ask(client, "ada@example.org")
    assert [message.to for message in mail.outbox] == [["ada@gmail.com"], ["ada@example.org"]]


@pytest.mark.parametrize(
    "words", ["Win at https://evil.example/x now", "evil.example", "mail mallory@evil.example"]
)
def test_the_mail_names_what_was_ordered_without_a_link_of_strangers(
    client: Client, words: str
) -> None:
    ask(client, search=words + " word" * 50, author=words + " Quill" * 40)
    message = mail.outbox[0]
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
    for text in (str(message.body), html):
        assert "search (“" in text and "an author (" in text
        assert "evil.example" not in text and "evil.example/" not in text and "y@e" not in text
        assert text.count(" word") <= 8 * 2  # the text, and the line beside the subject
    page = client.get(link()).text
    assert words in page


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_threads_that_ask_at_the_same_time_one_is_mailed() -> None:
    def one(_: int) -> None:
        try:
            subscriber_id = opt_in.request(ADA, an_order_request(), FRIDAY_8AM)
            opt_in.send_link(subscriber_id or Subscriber.objects.get().pk, FRIDAY_8AM)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    assert len(mail.outbox) == 1


def test_a_suppressed_address_is_not_even_asked(client: Client) -> None:
    Suppression.objects.add(ADA, Suppression.Reason.COMPLAINT)
    ask(client)
    assert mail.outbox == []
    assert not Subscriber.objects.awaiting_confirmation_mail(FRIDAY_8AM).exists()


@pytest.mark.slow
def test_a_suppressed_address_gets_nothing_even_if_it_subscribes_again(client: Client) -> None:
    ask(client)
    Suppression.objects.add(ADA, Suppression.Reason.COMPLAINT)
    client.post(link())
    a_paper()
    mail.outbox.clear()
    run.run(FRIDAY_8AM + timedelta(days=1))
    assert mail.outbox == []


# --- The life of a link ---


def test_a_link_is_dead_after_seven_days(client: Client, clock: time_machine.Traveller) -> None:
    ask(client)
    clock.shift(timedelta(days=7))
    assert client.get(link()).status_code == 404
    assert client.post(link()).status_code == 404
    assert not ada().is_active


@pytest.mark.slow
def test_a_link_from_before_a_goodbye_is_dead(
    client: Client, clock: time_machine.Traveller
) -> None:
    ask(client)
    client.post(link())
    clock.shift(timedelta(hours=1))
    client.post(ada().unsubscribe_url)
    assert client.post(link()).status_code == 404
    ask(client)
    client.post(link())
    assert ada().is_active


def test_who_comes_back_gets_only_what_was_asked_for_now(
    client: Client, clock: time_machine.Traveller
) -> None:
    a_subscriber(ADA, orders=[{"frequency": "weekly"}]).unsubscribe(FRIDAY_8AM)
    clock.shift(timedelta(hours=1))
    ask(client, topic=a_topic("vision").slug)
    client.post(link())
    assert [str(order) for order in ada().subscriptions.all()] == ["Vision, daily"]


def test_whoever_does_not_confirm_is_forgotten_after_seven_days(
    client: Client, clock: time_machine.Traveller, settings: Settings
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    a_subscriber("ben@example.org")
    ask(client)
    clock.shift(timedelta(days=6))
    ask(client)
    clock.shift(timedelta(days=6))
    assert Subscriber.objects.never_confirmed(datetime.now(UTC)).count() == 0
    clock.shift(timedelta(days=1))
    assert [it.address for it in Subscriber.objects.never_confirmed(datetime.now(UTC))] == [ADA]


@pytest.mark.parametrize("token", ["1-1", "1-1:forged", "x", "eyJhIjoxfQ:forged", "ü", "a" * 3000])
def test_a_forged_token_opens_nothing(client: Client, token: str) -> None:
    for page in ("", "/confirm", "/unsubscribe"):
        for method in (client.get, client.post):
            assert method(f"/subscriptions/{token}{page}").status_code == 404


def test_a_token_serves_one_purpose(client: Client) -> None:
    subscriber = a_subscriber()
    token = subscriber.unsubscribe_url.split("/")[2]
    assert client.get(f"/subscriptions/{token}").status_code == 404
    assert client.post(f"/subscriptions/{token}/confirm").status_code == 404
