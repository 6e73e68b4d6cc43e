"""A poll that is killed leaves all of its entries with the validators, or neither."""

import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from papers.ingest import polling
from papers.models import Alias, Paper, PaperSearch, Source
from tests.faults.loopback import Deed, Loopback, answer, arxiv_feed
from tests.faults.poll_once import poll_once
from tests.test_journey import soon

KILLS_A_DAY = 4  # one half at any point of the poll, one just before the validators are saved
SEED = 6

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.faults.poll_once"])

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


class Feed:
    """Each day has a body and an ETag of its own, and nothing of the day before but one paper."""

    def __init__(self) -> None:
        self.day = 0

    @property
    def etag(self) -> str:
        return f'"day {self.day}"'

    @property
    def ids(self) -> list[str]:
        return [f"2611.{self.day}{n:04}" for n in range(1, 200)] + [f"2611.{self.day - 1:01}0001"]

    def deed(self) -> Deed:
        def answers(peer: Any, visit: Any) -> None:
            unchanged = visit.headers.get("if-none-match") == self.etag
            body = b"" if unchanged else arxiv_feed(*self.ids)
            peer.sendall(answer(304 if unchanged else 200, body, ETag=self.etag))

        return answers


@pytest.fixture
def feed(server: Loopback) -> Feed:
    made = Feed()
    server.does["/feed"] = made.deed()
    return made


@pytest.fixture
def source(server: Loopback) -> Source:
    return Source.objects.create(name="fragile", url=f"{server.url}/feed")


def start_poll(source: Source) -> BaseProcess:
    database = str(connection.settings_dict["NAME"])
    process = processes.Process(target=poll_once, args=(source.pk, database), daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    process.kill()  # -9
    process.join(10)
    assert not process.is_alive()


@contextmanager
def validators_held_back(source: Source) -> Iterator[None]:
    """Nobody can write to this source's row until the block is left."""
    with transaction.atomic():
        list(Source.objects.select_for_update(no_key=True).filter(pk=source.pk))
        yield


def somebody_waits_to_write() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype <> 'advisory'")
        return cursor.fetchone() is not None


def nobody_writes() -> bool:
    """A server process notices the death of its client a moment later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
        )
        return cursor.fetchone() is None


def stored() -> dict[str, Any]:
    """All that a reader could see of it, and what it is found by."""
    own = {"id", "created_at", "listed_at", "source_id"}
    papers = {
        row["key"]: {name: value for name, value in row.items() if name not in own}
        for row in Paper.objects.values()
    }
    aliases = set(Alias.objects.values_list("scheme", "value", "paper__key"))
    return {
        "papers": papers,
        "aliases": aliases,
        "searched": set(PaperSearch.objects.values_list("paper__key", "title", "abstract")),
        "topics": set(Paper.objects.values_list("key", "topics__slug")),
    }


def lapse(source: Source) -> None:
    """As if the ten minutes of a dead one's lease were over, and the hour until the next poll."""
    past = timezone.now() - timedelta(minutes=1)
    Source.objects.filter(pk=source.pk).update(next_poll_at=past)
    Source.objects.filter(pk=source.pk, lease_until__isnull=False).update(lease_until=past)


@pytest.mark.parametrize("days", [1, pytest.param(5, marks=pytest.mark.long)])
def test_kills_come_to_the_same_as_none(
    feed: Feed, source: Source, server: Loopback, days: int
) -> None:
    chance = random.Random(SEED)
    kill(start_poll(source))  # the first process of all takes longer to start
    lapse(source)
    began = time.monotonic()
    whole = start_poll(source)
    whole.join(30)
    seconds = time.monotonic() - began
    assert whole.exitcode == 0 and Paper.objects.exists()
    fates: list[str] = []

    for feed.day in range(1, days + 1):
        for turn in range(KILLS_A_DAY):
            lapse(source)
            before = len(server.visits)
            if turn < 2:
                kill_before_the_validators(source, server)
            else:
                poll = start_poll(source)
                time.sleep(chance.uniform(0, 1.3 * seconds))
                kill(poll)
            soon(nobody_writes, "the end of its transaction")
            fates.append(fate(source, feed, asked=len(server.visits) > before))
        lapse(source)
        last = polling.poll(source, timezone.now())
        assert last is not None and last.error == ""
        source.refresh_from_db()
        assert source.etag == feed.etag
    result = stored()

    print(f"{seconds:.2f} s undisturbed; of {len(fates)} killed:")
    print({it: fates.count(it) for it in sorted(set(fates))})
    assert len(fates) == days * KILLS_A_DAY
    assert fates.count("claimed") >= days * KILLS_A_DAY / 2
    Paper.objects.all().delete()
    Source.objects.update(etag="")
    for feed.day in range(days + 1):
        lapse(source)
        polling.poll(Source.objects.get(), timezone.now())
    assert result == stored()


def kill_before_the_validators(source: Source, server: Loopback) -> None:
    """Its entries are written and its row is not: the narrowest place there is."""
    before = len(server.visits)
    poll = start_poll(source)
    soon(lambda: len(server.visits) > before, "the request")
    with validators_held_back(source):
        soon(somebody_waits_to_write, "the entries")
        kill(poll)


def fate(source: Source, feed: Feed, *, asked: bool) -> str:
    """What became of the one that was killed, which may be anything but half of it."""
    source.refresh_from_db()
    now = timezone.now()
    here = set(Paper.objects.filter(key__in=feed.ids[:-1]).values_list("key", flat=True))
    if source.etag == feed.etag:
        assert here == set(feed.ids[:-1]), "validators without their entries"
        return "done"
    assert not here, "entries without their validators"
    if source.lease_until is None or source.lease_until < now:
        assert not asked
        return "not begun"
    assert polling.poll(source, now) is None, "a lease was taken over too early"
    return "claimed"
