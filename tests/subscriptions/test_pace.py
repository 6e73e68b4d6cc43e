"""How fast mail leaves, who is waited for, and what stops an issue: over real SMTP."""

import threading
from collections import Counter
from datetime import timedelta
from threading import Event
from time import monotonic
from unittest.mock import patch

import pytest
from django.db import connection
from pytest_django import Settings

from papers.models import Paper
from subscriptions.models import Delivery, Issue, Pace, Suppression
from subscriptions.sending import run
from subscriptions.sending.relay_health import MAX_REFUSALS
from tests.factories import a_paper
from tests.subscriptions.conftest import Relay
from tests.subscriptions.factories import FRIDAY_8AM, a_delivery, a_subscriber, states
from tests.subscriptions.test_sending import at_once
from tests.test_journey import soon

State = Delivery.State
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def paper(db: None) -> Paper:
    return a_paper("Moss")


def audience(number: int, domain: str = "example.org") -> list[str]:
    return [a_subscriber(f"reader{it}@{domain}").address for it in range(number)]


def let_the_bucket_fill(seconds: float) -> None:
    for pace in Pace.objects.all():
        pace.next_at -= timedelta(seconds=seconds)
        pace.save()


# --- Rates ---


@pytest.mark.parametrize(("rate", "claims"), [(5.0, [5, 0]), (0.5, [1, 0]), (0.0, [9, 0])])
def test_a_second_brings_what_the_rate_allows(
    rate: float, claims: list[int], settings: Settings
) -> None:
    settings.MAIL_RATE = rate
    for _ in range(9):
        a_delivery()
    assert [len(Delivery.objects.claim(FRIDAY_8AM, 9)) for _ in claims] == claims


def test_time_brings_more_but_never_more_than_a_second_saves(settings: Settings) -> None:
    settings.MAIL_RATE = 4
    for _ in range(20):
        a_delivery()
    claims = [len(Delivery.objects.claim(FRIDAY_8AM, 20))]
    for seconds in (0.5, 1, 60):
        let_the_bucket_fill(seconds)
        claims.append(len(Delivery.objects.claim(FRIDAY_8AM, 20)))
    assert claims == [4, 2, 4, 4]


def test_a_slow_rate_for_one_domain_does_not_hold_up_the_others(settings: Settings) -> None:
    settings.MAIL_DOMAIN_RATES = {"slow.example": 2.0}
    for _ in range(30):
        a_delivery(a_subscriber(f"a{_}@slow.example"))
    for _ in range(5):
        a_delivery(a_subscriber(f"b{_}@example.org"))
    domains: Counter[str] = Counter()
    for _ in range(4):
        domains.update(it.domain for it in Delivery.objects.claim(FRIDAY_8AM, 10))
    assert domains == {"slow.example": 2, "example.org": 5}


def test_a_star_is_every_other_domain(settings: Settings) -> None:
    settings.MAIL_DOMAIN_RATES = {"*": 1.0, "fast.example": 3.0}
    for number in range(5):
        for domain in ("a.example", "b.example", "fast.example"):
            a_delivery(a_subscriber(f"r{number}@{domain}"))
    claimed = Counter(it.domain for it in Delivery.objects.claim(FRIDAY_8AM, 50))
    assert claimed == {"a.example": 1, "b.example": 1, "fast.example": 3}


@pytest.mark.django_db(transaction=True)
def test_all_workers_share_the_rate_and_no_mail_goes_to_two(settings: Settings) -> None:
    settings.MAIL_RATE, settings.MAIL_DOMAIN_RATES = 12, {"a.example": 4.0, "b.example": 100.0}
    for number in range(20):
        for domain in ("a.example", "b.example"):
            a_delivery(a_subscriber(f"r{number}@{domain}"))
    with patch("subscriptions.models.send_rate._database_now", return_value=FRIDAY_8AM):
        claims = at_once(6, lambda: Delivery.objects.claim(FRIDAY_8AM, 4))
    claimed = [delivery for each in claims for delivery in each]
    assert len({delivery.pk for delivery in claimed}) == len(claimed) <= 12
    assert Counter(delivery.domain for delivery in claimed)["a.example"] <= 4


def test_a_run_waits_for_the_rate_and_sends_everybody_one(relay: Relay, settings: Settings) -> None:
    settings.MAIL_DOMAIN_RATES = {"example.org": 10.0}
    addresses = audience(20)
    began = monotonic()
    assert run.run(FRIDAY_8AM) == {State.SENT: 20}
    assert monotonic() - began >= 0.9
    assert sorted(to for to, _ in relay.received) == sorted(addresses)


def test_at_the_end_of_its_time_a_run_leaves_the_rest(relay: Relay, settings: Settings) -> None:
    settings.MAIL_RATE = 3
    audience(9)
    assert run.run(FRIDAY_8AM, timedelta(seconds=0.3))[State.SENT] < 9
    assert set(states().values()) == {State.SENT, State.PENDING}


# --- Those who are slow, those who are told to end ---


def test_a_domain_that_hangs_leaves_connections_to_the_others(
    relay: Relay, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 4
    slow, quick = audience(8, "slow.example"), audience(30, "quick.example")
    release = Event()
    relay.hangs_at, relay.release = "slow.example", release

    def until_the_others_have_theirs() -> bool:
        if len(relay.received) == len(quick):
            release.set()
        return False

    assert run.run(FRIDAY_8AM, stop=until_the_others_have_theirs) == {State.SENT: 38}
    arrived = [to for to, _ in relay.received]
    assert set(arrived[: len(quick)]) == set(quick)
    assert Counter(arrived) == Counter([*slow, *quick])


def test_who_is_told_to_end_finishes_what_is_on_the_wire(relay: Relay) -> None:
    audience(50)
    threads = threading.active_count()
    assert set(run.run(FRIDAY_8AM, stop=lambda: len(relay.received) >= 5)) == {State.SENT}
    assert set(states().values()) == {State.SENT, State.PENDING}
    assert len(relay.received) == Counter(states().values())[State.SENT] < 50
    assert set(Delivery.objects.filter(state="pending").values_list("attempts", flat=True)) == {0}
    run.run(FRIDAY_8AM)
    assert Counter(to for to, _ in relay.received).most_common(1)[0][1] == 1
    soon(lambda: threading.active_count() <= threads, "the end of the threads")


# --- What stops an issue ---


def test_an_issue_that_is_refused_for_what_we_are_is_paused(relay: Relay) -> None:
    audience(40)
    relay.answers = {".": "550 5.7.1 blocked for spam"}
    account = run.run(FRIDAY_8AM)
    issue = Issue.objects.get()
    assert issue.state == Issue.State.PAUSED
    assert "5.7.1 blocked for spam" in issue.paused_because
    assert MAX_REFUSALS <= account[State.FAILED] < MAX_REFUSALS + 8
    assert not Suppression.objects.exists()

    relay.answers = {}
    issue.resume()
    run.run(FRIDAY_8AM)
    assert Counter(states().values()) == {
        State.FAILED: account[State.FAILED],
        State.SENT: 40 - account[State.FAILED],
    }


def test_dead_addresses_pause_nothing_and_get_nothing_again(relay: Relay) -> None:
    audience(30)
    relay.answers = {"RCPT": "550 5.1.1 nobody here"}
    assert run.run(FRIDAY_8AM) == {State.FAILED: 30}
    assert Issue.objects.get().state == Issue.State.OPEN
    assert Suppression.objects.filter(reason="hard bounce", scope="all").count() == 30


@pytest.mark.parametrize("at", ["MAIL", "RCPT"])
def test_a_relay_that_locks_us_out_stops_everything(at: str, relay: Relay) -> None:
    audience(5)
    relay.answers = {at: "535 5.7.8 bad credentials"}
    run.run(FRIDAY_8AM)
    assert set(states().values()) == {State.PENDING}
    assert Issue.objects.get().state == Issue.State.PAUSED
    assert "bad credentials" in Issue.objects.get().paused_because


def test_a_wrong_password_stops_everything_before_the_first_mail(
    relay: Relay, settings: Settings
) -> None:
    audience(5)
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "papers", "wrong"
    relay.accounts = {"papers": "right"}
    assert run.run(FRIDAY_8AM) == {}
    assert Issue.objects.get().state == Issue.State.PAUSED
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}


# --- A database that goes away ---


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_to_the_database_makes_no_doubt_and_no_second_mail(
    relay: Relay, settings: Settings
) -> None:
    addresses = audience(60)
    killed: list[int] = []

    def kill_at_times() -> bool:
        if len(relay.received) >= 15 * (len(killed) + 1) and len(killed) < 3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid = cursor.fetchone()[0]
            kill_backend(pid)
            killed.append(pid)
        return False

    assert run.run(FRIDAY_8AM, stop=kill_at_times)[State.SENT] == 60
    assert len(killed) == 3
    assert sorted(to for to, _ in relay.received) == sorted(addresses)
    assert set(states().values()) == {State.SENT}


def kill_backend(pid: int) -> None:
    def kill() -> None:
        with connection.cursor() as cursor:  # of this thread
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        connection.close()

    thread = threading.Thread(target=kill)
    thread.start()
    thread.join()
