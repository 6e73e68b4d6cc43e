"""What a relay may answer, over real SMTP, and the state that follows."""

from datetime import timedelta
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError
from django.core.mail import EmailMessage, get_connection
from django.test import Client, override_settings
from pytest_django import Settings

from papers.models import Paper
from subscriptions.models import Delivery
from subscriptions.sending import run
from subscriptions.sending.connections import Connection
from subscriptions.sending.verdicts import Verdict, verdict
from tests.factories import a_paper, a_user
from tests.subscriptions.conftest import Relay
from tests.subscriptions.factories import (
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    send_claimed,
    states,
)

State = Delivery.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def paper() -> Paper:
    return a_paper("Moss")


@pytest.fixture
def delivery(paper: Paper) -> Delivery:
    a_delivery(a_subscriber("ada@example.org"))
    [delivery] = Delivery.objects.claim(FRIDAY_8AM, 1)
    return delivery


@pytest.mark.slow
@pytest.mark.parametrize(("most", "opened"), [(1, 1), (3, 3), (9, 5)])
def test_a_run_sends_over_as_many_connections_as_it_may_and_needs(
    most: int, opened: int, paper: Paper, relay: Relay, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = most
    for _ in range(5):
        a_subscriber()
    assert run.run(FRIDAY_8AM) == {State.SENT: 5}
    assert len(relay.received) == 5
    assert relay.connections <= opened


@pytest.mark.parametrize(
    ("answers", "state", "arrives"),
    [
        ({}, State.SENT, True),
        ({"MAIL": "421 too busy"}, State.PENDING, False),
        ({"RCPT": "421 too busy"}, State.PENDING, False),
        ({"DATA": "421 too busy"}, State.PENDING, False),
        ({"DATA": "drop"}, State.PENDING, False),
        ({"DATA": "354 then drop"}, State.PENDING, False),
        ({"MAIL": "451 try later"}, State.DEFERRED, False),
        ({"RCPT": "450 mailbox busy"}, State.DEFERRED, False),
        ({"RCPT": "452 mailbox full"}, State.DEFERRED, False),
        ({".": "451 try later"}, State.DEFERRED, False),
        ({"RCPT": "550 5.1.1 nobody here"}, State.FAILED, False),
        ({".": "554 5.7.1 we do not like it"}, State.FAILED, False),
        ({".": "drop"}, State.UNCERTAIN, True),  # from here nobody can tell
        ({".": "hang"}, State.UNCERTAIN, True),
        ({".": "no number at all"}, State.UNCERTAIN, True),
    ],
)
def test_each_answer_has_its_state(
    answers: dict[str, Any],
    state: str,
    arrives: bool,
    delivery: Delivery,
    relay: Relay,
    settings: Settings,
) -> None:
    settings.MAIL_DOT_SECONDS = 0.3
    relay.answers = answers
    assert send_claimed([delivery], FRIDAY_8AM) == {state: 1}
    assert states() == {"ada@example.org": state}
    assert len(relay.received) == arrives
    delivery.refresh_from_db()
    assert bool(delivery.last_error) == (state not in {State.SENT, State.PENDING})
    # What cannot have been read may come with another mail.
    assert delivery.contents.exists() == (state != State.FAILED)


@pytest.mark.slow
def test_a_deferred_one_comes_later_as_the_same_mail(delivery: Delivery, relay: Relay) -> None:
    relay.answers = {"RCPT": "450 mailbox busy"}
    send_claimed([delivery], FRIDAY_8AM)
    relay.answers = {}
    assert run.run(FRIDAY_8AM + timedelta(minutes=3)) == {}
    a_paper("Published since")
    assert run.run(FRIDAY_8AM + timedelta(minutes=7)) == {State.SENT: 1}
    [(address, message)] = relay.received
    assert address == "ada@example.org"
    assert message["Message-ID"] == delivery.message_id
    assert "Moss" in message["Subject"]
    assert "Published since" not in message.as_string()


@pytest.mark.slow
def test_the_waits_grow(delivery: Delivery, relay: Relay) -> None:
    relay.answers = {"RCPT": "450 mailbox busy"}
    waits, now = [], FRIDAY_8AM
    send_claimed([delivery], now)
    for _ in range(4):
        delivery.refresh_from_db()
        waits.append((delivery.due_at - now) / timedelta(minutes=5))
        now = delivery.due_at
        run.run(now)
    assert [round(wait / 2**number) for number, wait in enumerate(waits)] == [1, 1, 1, 1]


@pytest.mark.slow
def test_an_uncertain_one_is_sent_again_by_a_curator_alone(
    delivery: Delivery, relay: Relay, client: Client
) -> None:
    relay.answers = {".": "drop"}
    send_claimed([delivery], FRIDAY_8AM)
    relay.answers = {}
    assert run.run(FRIDAY_8AM) == {}
    client.force_login(a_user(is_staff=True, is_superuser=True))
    response = client.post(
        "/admin/subscriptions/delivery/",
        {"action": "send_again", "_selected_action": [delivery.pk]},
    )
    assert response.status_code == 302
    delivery.refresh_from_db()
    run.run(delivery.due_at)
    first, second = (message["Message-ID"] for _, message in relay.received)
    assert first == second


def test_without_a_relay_all_wait_and_none_is_the_worse_for_it(
    paper: Paper, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    for _ in range(3):
        a_subscriber()
    assert run.run(FRIDAY_8AM) == {}
    assert set(states().values()) == {State.PENDING}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.slow
def test_a_relay_that_drops_every_mail_is_left_alone(
    paper: Paper, relay: Relay, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    relay.answers = {"DATA": "drop"}
    for _ in range(5):
        a_subscriber()
    assert run.run(FRIDAY_8AM) == {State.PENDING: 3}
    relay.answers = {}
    assert run.run(FRIDAY_8AM) == {State.SENT: 5}


@pytest.mark.slow
def test_one_mail_at_which_the_relay_hangs_up_does_not_hold_up_the_others(
    delivery: Delivery, relay: Relay
) -> None:
    relay.answers = {"DATA": "drop"}
    send_claimed([delivery], FRIDAY_8AM)
    run.run(FRIDAY_8AM)
    assert states() == {"ada@example.org": State.DEFERRED}


# --- Errors that are no reply of a relay ---


def through_a_provider(address: str) -> Exception:
    """The error of sending through the HTTP API of a provider at this address."""
    with pytest.raises(AnymailAPIError) as caught:
        mail = EmailMessage("Moss", "We count.", "papers@example.org", ["ada@example.org"])
        with override_settings(
            ANYMAIL={"POSTMARK_SERVER_TOKEN": "key", "POSTMARK_API_URL": address}
        ):
            get_connection("anymail.backends.postmark.EmailBackend").send_messages([mail])
    return caught.value


def test_a_provider_that_cannot_be_reached_has_taken_nothing() -> None:
    assert verdict(through_a_provider("http://127.0.0.1:9/")) is Verdict.NOT_SENT


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, Verdict.LOGIN_REFUSED),
        (422, Verdict.BLOCKED),
        (429, Verdict.TEMPORARY),
        (500, Verdict.UNCERTAIN),
        (None, Verdict.UNCERTAIN),
    ],
)
def test_a_provider_says_by_its_status_whether_it_took_the_mail(
    status: int | None, says: Verdict
) -> None:
    assert verdict(AnymailAPIError("no", status_code=status)) is says


def test_an_idle_connection_that_cannot_be_opened_again_has_taken_nothing(
    delivery: Delivery, relay: Relay, settings: Settings
) -> None:
    connection = Connection().open()
    connection._backend.connection.close()
    connection._backend.port = 9
    connection._used_at = 0.0
    error = connection.send(EmailMessage(to=["ada@example.org"]))
    assert error and verdict(error) is Verdict.NOT_SENT
