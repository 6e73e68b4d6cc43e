"""Whatever dies while work is under way, all of it is done in the end, and once as far as one sees.

The work is real: sources that are due, polled by the workers that `up` starts and starts again.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil
import pytest
import redis
import requests

from selfhost import folders
from tests.faults.conftest import add_sources
from tests.faults.loopback import Loopback, Visit, answer, arxiv_feed
from tests.faults.post_office import fill, post_office
from tests.running_site import Site, running_site
from tests.test_journey import soon

SOURCES, SECONDS, BEFORE = 24, 0.3, 6
RECOVERY = 60
numbers = count(10_000)

# Faults of a whole machine; `test_mail_kills` has some in every run.
pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With leases so short that what a dead worker held is soon another's."""
    folder = tmp_path_factory.mktemp("queue")
    free = {"FETCH_ALLOW_PRIVATE": "1", "ARXIV_HOSTS": "arxiv.localhost", "LEASE_SECONDS": "5"}
    with running_site(folder, "--no-sources", "--no-sample", **free) as made:
        yield made


class Work:
    """Sources of one paper each, some of which have been polled."""

    def __init__(self, site: Site, server: Loopback, folder: Path, number: int) -> None:
        self.site, self.server = site, server
        self.papers = [f"2611.{next(numbers)}" for _ in range(number)]
        for paper in self.papers:
            server.does[f"/{paper}"] = self._feed(paper)
        due = {it: ("arxiv", f"{server.url}/{it}") for it in self.papers}
        add_sources(site, folder, due)

    def _feed(self, paper: str) -> Callable[..., None]:
        def deed(peer: object, visit: Visit) -> None:
            time.sleep(SECONDS)
            peer.sendall(answer(200, arxiv_feed(paper)))  # type: ignore[attr-defined]

        return deed

    def is_under_way(self) -> bool:
        return len(self.server.visits) >= BEFORE

    def is_done(self) -> bool:
        [[done]] = self.site.rows(
            "SELECT count(*) FROM papers_source WHERE name = ANY(%s)"
            " AND last_success_at IS NOT NULL AND lease_until IS NULL",
            self.papers,
        )
        return bool(done == len(self.papers))

    def was_done_once(self) -> bool:
        """As far as anybody can see: each paper is there, and was new to one poll."""
        [[papers]] = self.site.rows(
            "SELECT count(*) FROM papers_paper WHERE key = ANY(%s)", self.papers
        )
        [[new]] = self.site.rows(
            "SELECT sum(poll.new) FROM papers_poll AS poll"
            " JOIN papers_source AS source ON source.id = poll.source_id"
            " WHERE source.name = ANY(%s)",
            self.papers,
        )
        return bool(papers == new == len(self.papers))


@pytest.fixture
def work(site: Site, server: Loopback, tmp_path: Path) -> Iterator[Work]:
    work = Work(site, server, tmp_path, SOURCES)
    soon(work.is_under_way, "the first polls")
    yield work
    site.rows("UPDATE papers_source SET disabled_at = now() WHERE name = ANY(%s)", work.papers)


# --- What may happen ---


def child(site: Site, word: str) -> psutil.Process:
    found = []
    for it in psutil.Process(site.process.pid).children():
        with suppress(psutil.ZombieProcess):  # it has ended, and was not yet asked how
            if word in " ".join(it.cmdline()):
                found.append(it)
    [only] = found
    return only


def server_of(site: Site, pid_file: str) -> psutil.Process:
    return psutil.Process(int((site.data_dir / pid_file).read_text().split()[0]))


def kill_all_workers(site: Site) -> None:
    for word in ("fetcher@", "worker@"):
        os.killpg(child(site, word).pid, signal.SIGKILL)


def kill_who_polls(site: Site) -> None:
    child(site, "fetcher@").children()[0].kill()


def tell_workers_to_end(site: Site) -> None:
    for word in ("fetcher@", "worker@"):
        child(site, word).terminate()


def flush_the_broker(site: Site) -> None:
    path = f"{folders.socket_dir(site.data_dir)}/valkey.sock"
    with redis.Redis(unix_socket_path=path) as client:
        client.flushall()


def kill_the_broker(site: Site) -> None:
    for _ in range(3):
        kill_and_wait(site, "valkey/valkey.pid", signal.SIGKILL, 30)


def restart_the_database(site: Site) -> None:
    for _ in range(2):
        kill_and_wait(site, "postgres/postmaster.pid", signal.SIGQUIT, 15)  # `-m immediate`


def kill_and_wait(site: Site, pid_file: str, how: signal.Signals, seconds: float) -> None:
    """Until there is another in its place, and the whole site works again."""
    process = server_of(site, pid_file)
    process.send_signal(how)
    process.wait(10)
    soon(lambda: is_whole(site), f"recovery from a dead {pid_file}", seconds)


def is_whole(site: Site) -> bool:
    try:
        health = requests.get(f"{site.url}/healthz", timeout=5)
        page = requests.get(f"{site.url}/papers/trending", timeout=5)
    except requests.RequestException:
        return False
    states = {"database": "ok", "broker": "ok", "cache": "ok"}
    return health.json() == states and page.status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        kill_all_workers,
        kill_who_polls,
        tell_workers_to_end,
        flush_the_broker,
        kill_the_broker,
        restart_the_database,
    ],
)
def test_all_work_is_done_after(fault: Callable[[Site], None], site: Site, work: Work) -> None:
    fault(site)
    soon(work.is_done, "the end of all polls", RECOVERY)
    assert work.was_done_once()


@pytest.mark.timeout(900)
def test_five_hundred_due_rows_outlive_a_flush(
    site: Site, server: Loopback, tmp_path: Path
) -> None:
    work = Work(site, server, tmp_path, 500)
    soon(work.is_under_way, "the first polls")
    flush_the_broker(site)
    soon(work.is_done, "the end of all polls", 600)  # some two a second
    assert work.was_done_once()


# --- A broker that hangs, which is worse than a dead one ---


def test_readers_do_not_wait_for_a_broker_that_hangs(site: Site) -> None:
    broker = server_of(site, "valkey/valkey.pid")

    def status_of(number: int) -> int:
        if number % 2:
            return site.reader().get("/papers/trending").status_code
        wish = {"address": f"hung{number}@example.org", "everything": "on"}
        return site.reader().submit("/subscribe", **wish).status_code

    broker.suspend()
    try:
        with ThreadPoolExecutor(4) as readers:
            statuses = list(readers.map(status_of, range(12)))  # all while it hangs
    finally:
        broker.resume()
    assert set(statuses) == {200}
    asked = "SELECT count(*) FROM subscriptions_subscriber WHERE confirmation_sent_at IS NOT NULL"
    soon(lambda: site.rows(asked) == [(6,)], "the mails that ask for consent", RECOVERY)


# --- A row that kills ---


def test_a_row_that_kills_its_worker_is_given_up(tmp_path: Path) -> None:
    """By a worker with a fault of its own: see `tests.faults.poison`."""
    with post_office(tmp_path, MAIL_CLAIM_SECONDS="1", MAIL_RUN_SECONDS="20") as (office, sink):
        fill(office, 101)
        [[victim]] = office.rows("SELECT min(id) FROM subscriptions_subscriber")
        office.env["POISON"] = str(victim)
        poison = ("--include", "tests.faults.poison")
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        office.start("worker", "--queues", "mail", "--concurrency", "1", *poison, *quiet)
        office.start("beat", "--pidfile=")
        soon(office.is_done, "the end of the issue", 120)
        states = office.states()
        died = (tmp_path / "deaths").read_text()
        [[why]] = office.rows(
            "SELECT last_error FROM subscriptions_delivery WHERE state = 'failed'"
        )
    assert sorted(states.values()) == ["failed"] + ["sent"] * 100
    assert set(sink.accepted.values()) == {1}
    assert 1 <= len(died) <= 5
    assert "workers died over it" in why
