"""A relay that drops the line: what it cannot have taken waits, and doubts pause the issue."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from subscriptions.models import Delivery, Issue
from subscriptions.sending import run
from subscriptions.sending.relay_health import MAX_DOUBTS
from tests.factories import a_paper
from tests.faults.post_office import IN_HAND, MOMENTS, Sink, fill, post_office
from tests.subscriptions.factories import AN_HOUR, FRIDAY_8AM, a_delivery, a_subscriber, states
from tests.test_journey import soon

SUBSCRIBERS = 40
WAITING = {"pending", "deferred"}


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    sink = Sink(seconds=0)
    settings.EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield sink
    sink.stop()


def subscribers(number: int) -> None:
    a_paper()
    for place in range(number):
        a_subscriber(f"reader{place}@example{place % 5}.org")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "takes"), [*((moment, 0) for moment in MOMENTS[:-1]), ("message", 12)]
)
def test_what_cannot_have_been_taken_goes_back_to_waiting(
    moment: str, takes: int, sink: Sink
) -> None:
    subscribers(SUBSCRIBERS)
    sink.drops_at, sink.takes = moment, takes
    for minute in range(3):
        run.run(FRIDAY_8AM + minute * AN_HOUR / 60)
    account = Counter(states().values())
    assert set(account) <= WAITING | {"sent"}
    assert account["sent"] == sink.accepted.total()
    assert set(Issue.objects.values_list("state", flat=True)) == {"open"}
    sink.drops_at = ""
    run.run(FRIDAY_8AM + AN_HOUR)  # after the waits of those that were tried twice
    assert set(states().values()) == {"sent"}
    assert set(sink.accepted.values()) == {1}


@pytest.mark.django_db
@pytest.mark.parametrize(("takes", "connections"), [(0, 4), (12, 1), (12, 10)])
def test_a_run_of_doubts_pauses_the_issue(
    takes: int, connections: int, sink: Sink, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = connections
    subscribers(SUBSCRIBERS)
    sink.drops_at, sink.takes = "dot", takes
    for _ in range(3):
        run.run(FRIDAY_8AM)
    account = Counter(states().values())
    assert 0 < account["uncertain"] <= MAX_DOUBTS
    assert account["pending"] == SUBSCRIBERS - account["uncertain"] - account["sent"]
    issue = Issue.objects.get()
    assert issue.state == "paused"
    assert "may or may not have arrived" in issue.paused_because
    assert set(sink.accepted.values()) == {1}


@pytest.mark.django_db
def test_a_resumed_issue_goes_on_and_is_paused_again_by_the_next_doubt(sink: Sink) -> None:
    subscribers(SUBSCRIBERS)
    sink.drops_at = "dot"
    run.run(FRIDAY_8AM)
    before = Counter(states().values())["uncertain"]
    issue = Issue.objects.get()
    issue.resume()
    run.run(FRIDAY_8AM)
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert Counter(states().values())["uncertain"] <= before + 2 * 4
    sink.drops_at = ""
    issue.resume()
    run.run(FRIDAY_8AM)
    assert Delivery.objects.filter(state="pending").count() == 0
    assert set(sink.accepted.values()) == {1}


@pytest.mark.django_db
def test_doubts_before_twenty_that_arrived_pause_nothing(sink: Sink) -> None:
    for age, state in ((2, "uncertain"), (1, "sent")):
        for _ in range(20):
            a_delivery(state=state, sent_at=FRIDAY_8AM - age * AN_HOUR)
    a_paper()
    a_delivery()
    sink.drops_at = "dot"
    run.run(FRIDAY_8AM)
    assert Counter(states().values()) == {"uncertain": 21, "sent": 20}
    assert Issue.objects.get().state == "open"


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("moment", MOMENTS)
def test_two_workers_and_a_relay_that_drops_the_line(moment: str, tmp_path: Path) -> None:
    # Lines that are open when the 40th mail arrives may carry all of the others.
    opens_a_line = moment in {"greeting", "EHLO"}
    sink = Sink(0.004, drops_at=moment, takes=0 if opens_a_line else 40)
    with post_office(tmp_path, sink=sink, MAIL_RETRY_SECONDS="1") as (office, _):
        fill(office, 400)
        office.start_worker()
        office.start_worker()
        office.start("beat", "--pidfile=")
        if moment == "dot":
            paused = "SELECT 1 FROM subscriptions_issue WHERE state = 'paused'"
            soon(lambda: bool(office.rows(paused)), "a paused issue", 120)
            soon(lambda: not {"claimed", "sending"} & set(office.states().values()), "rest", 60)
        else:
            soon(lambda: sink.dropped >= 6, "dropped lines", 120)
            sink.drops_at = ""
            soon(lambda: not IN_HAND & set(office.states().values()), "the end", 120)
        account = Counter(office.states().values())
    print(moment, dict(account))
    assert set(sink.accepted.values()) == {1}
    assert account["uncertain"] <= (MAX_DOUBTS if moment == "dot" else 0)
