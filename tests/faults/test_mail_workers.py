"""Workers told to end, and two schedulers at once: real ones, over real SMTP."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.post_office import fill, post_office
from tests.test_journey import soon

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


def test_a_worker_told_to_end_leaves_no_doubt_behind(tmp_path: Path) -> None:
    with post_office(tmp_path, seconds=0.05, MAIL_RUN_SECONDS="55") as (office, sink):
        fill(office, 600)
        worker = office.start_worker()
        office.start("beat", "--pidfile=")
        soon(lambda: sink.accepted.total() >= 40, "forty mails", 120)
        worker.send_signal(signal.SIGTERM)
        worker.wait(35)
        account = Counter(office.states().values())
    assert set(account) == {"sent", "pending"}
    assert account["sent"] == sink.accepted.total() < 600


def test_two_schedulers_send_everybody_one(tmp_path: Path) -> None:
    with post_office(tmp_path) as (office, sink):
        fill(office, 200)
        for number in range(2):
            office.start_worker()
            schedule = str(tmp_path / f"schedule-{number}")
            office.start("beat", "--pidfile=", "--schedule", schedule)
        soon(office.is_done, "the end of the issue", 120)
        assert Counter(office.states().values()) == {"sent": 200}
    assert set(sink.accepted.values()) == {1}
