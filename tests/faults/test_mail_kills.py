"""Whatever is killed while an issue goes out, nobody gets it twice, and every doubt has a name.

Two real workers send. Now and then one of them, or its process that sends, is killed; the broker is
emptied once and killed once; PostgreSQL is restarted at once.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.post_office import fill, post_office
from tests.test_journey import soon

CONNECTIONS = 2
PROGRESS_TIMEOUT_SECONDS = 180


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("seed", "subscribers", "kills"),
    [
        (1, 200, 2),
        (1, 500, 0),  # only a worker that dies leaves doubts
        *((seed, 2_000, 10) for seed in (1, 2, 3, 4)),
    ],
)
def test_an_issue_survives_kills(seed: int, subscribers: int, kills: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    with post_office(tmp_path, MAIL_CONNECTIONS=str(CONNECTIONS)) as (office, sink):
        fill(office, subscribers)
        workers = [office.start_worker(), office.start_worker()]
        office.start("beat", "--pidfile=")
        faults: list[Callable[[], None]] = [
            office.flush_the_broker,
            office.kill_the_broker,
            office.restart_the_database_at_once,
            *[lambda: office.kill_a_worker(workers, chance)] * kills,
        ]
        chance.shuffle(faults)
        # Not at a time but after so many mails: on a slow machine too all are in the midst of it.
        moments = sorted(chance.sample(range(50, max(100, subscribers - 250)), len(faults)))
        for fault, moment in zip(faults, moments, strict=True):
            soon(
                lambda moment=moment: sink.accepted.total() >= moment,
                f"{moment} mails",
                PROGRESS_TIMEOUT_SECONDS,
            )
            fault()
        soon(office.is_done, "the end of the issue", PROGRESS_TIMEOUT_SECONDS)
        states = office.states()

    account = Counter(states.values())
    missing = set(states) - set(sink.accepted)
    print(f"seed {seed}: {dict(account)}, {len(missing)} never arrived")
    assert sink.accepted.most_common(1)[0][1] == 1, "somebody got it twice"
    assert account.total() == subscribers
    assert set(account) <= {"sent", "uncertain"}
    assert all(states[address] == "uncertain" for address in missing)
    assert len(missing) <= account["uncertain"] <= kills * CONNECTIONS
