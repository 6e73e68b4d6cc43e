"""What their servers see of us: over simulated days, and at arXiv's hosts in real time."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import timezone

from papers.ingest import polling
from papers.models import Paper, Source
from tests.faults.conftest import ARXIV_HOSTS, add_sources
from tests.faults.loopback import Deed, Loopback, answer, arxiv_feed
from tests.running_site import ROOT, Site
from tests.test_journey import soon

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
TICK = timedelta(minutes=10)
DAY = timedelta(days=1)
GAP = 3.0
REQUESTS = 40

# --- Days, the clock handed to the claim ---


@dataclass
class Origin:
    """A server by the book, with a clock that the test sets; it writes down every breach."""

    number: int
    validators: dict[str, str] = field(default_factory=dict)
    fails: Callable[["Origin"], tuple[int, dict[str, str]] | None] = lambda origin: None
    now: datetime = MONDAY
    asked: list[datetime] = field(default_factory=list)
    whole_answers: int = 0
    given: dict[str, str] = field(default_factory=dict)  # with the last whole answer
    not_before: datetime = MONDAY
    breaches: list[str] = field(default_factory=list)

    def answer(self, headers: dict[str, str]) -> bytes:
        self.asked.append(self.now)
        if self.now < self.not_before:
            self.breaches.append(f"{self.now}: asked before {self.not_before}")
        sent = {
            name: headers[condition]
            for name, condition in (("ETag", "if-none-match"), ("Last-Modified", SINCE))
            if condition in headers
        }
        if sent != self.given:
            self.breaches.append(f"{self.now}: sent {sent} instead of {self.given}")
        if failure := self.fails(self):
            return answer(failure[0], b"sorry", **failure[1])
        state = (self.now - MONDAY).days // 2  # news every other day
        now = {name: value.format(state) for name, value in self.validators.items()}
        if now and now == sent:
            return answer(304)
        self.given = now
        self.whole_answers += 1
        return answer(200, arxiv_feed(f"2611.{self.number}{state + 1:03}"), **now)


SINCE = "if-modified-since"


def be_patient(origin: Origin, *, as_date: bool) -> tuple[int, dict[str, str]] | None:
    """429 to the first three; the date is one of the real clock, so many hours from now."""
    if len(origin.asked) > 3:
        return None
    wait = timedelta(hours=5)
    origin.not_before = origin.now + wait
    then = format_datetime(datetime.now(UTC) + wait + timedelta(seconds=1), usegmt=True)
    return 429, {"Retry-After": then if as_date else str(int(wait.total_seconds()))}


def broken_for_two_days(origin: Origin) -> tuple[int, dict[str, str]] | None:
    return (500, {}) if 2 <= (origin.now - MONDAY).days < 4 else None


def origins() -> dict[str, Origin]:
    return {
        "etag": Origin(10, {"ETag": 'W/"a\'b  {}"'}),
        "last modified": Origin(11, {"Last-Modified": "Mon, 23 Nov 2026 0{}:00:00 +0000"}),
        "both": Origin(12, {"ETag": "no-quotes-{}", "Last-Modified": "some day, {}"}),
        "patience in seconds": Origin(
            13, {"ETag": '"{}"'}, lambda origin: be_patient(origin, as_date=False)
        ),
        "patience as a date": Origin(
            14, {"ETag": '"{}"'}, lambda origin: be_patient(origin, as_date=True)
        ),
        "broken": Origin(15, {"ETag": '"{}"', "Last-Modified": "{}"}, broken_for_two_days),
        "not found": Origin(16, {}, lambda origin: (404, {})),
    }


def live_through(
    days: int,
    server: Loopback,
    origins: dict[str, Origin],
    enough: Callable[[], bool] = lambda: False,
) -> None:
    """As the sweep does it, every ten minutes."""
    for name, origin in origins.items():
        path = f"/{origin.number}"
        server.does[path] = by_the_book(origin)
        Source.objects.create(name=name, url=server.url + path, next_poll_at=MONDAY)
    now = MONDAY
    while now < MONDAY + days * DAY and not enough():
        for source in Source.objects.due(now):
            origins[source.name].now = now
            polling.poll(source, now)
        now += TICK


def by_the_book(origin: Origin) -> Deed:
    return lambda peer, visit: peer.sendall(origin.answer(visit.headers))


@pytest.mark.django_db
@pytest.mark.parametrize("days", [5, pytest.param(7, marks=pytest.mark.long)])
def test_days_are_polite_to_everybody(server: Loopback, days: int) -> None:
    asked = origins()
    news = (days + 1) // 2  # every other day, from the first

    live_through(days, server, asked)

    assert {name: origin.breaches for name, origin in asked.items() if origin.breaches} == {}
    print({name: (len(origin.asked), origin.whole_answers) for name, origin in asked.items()})
    for name in ("etag", "last modified", "both"):
        # At most hourly; at least every 80 minutes: an hour, the jitter, a tick of the sweep.
        assert days * 18 <= len(asked[name].asked) <= days * 24
        assert asked[name].whole_answers == news
    for name in ("patience in seconds", "patience as a date"):
        assert len([it for it in asked[name].asked if it < MONDAY + timedelta(hours=15)]) == 3
        assert asked[name].whole_answers == news
    down = [it for it in asked["broken"].asked if 2 <= (it - MONDAY).days < 4]
    # Within the hour, and a tick of the sweep; never sooner than 50 minutes.
    assert 2 * 24 * 60 / 70 - 1 <= len(down) <= 2 * 24 * 60 / 50
    assert asked["broken"].whole_answers >= 2
    assert len(asked["not found"].asked) <= days * 24 * 60 / 50
    assert Paper.objects.count() == sum(origin.whole_answers for origin in asked.values())
    assert not Source.objects.exclude(disabled_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("days", [3, pytest.param(10, marks=pytest.mark.long)])
def test_feed_that_was_down_for_days_comes_back_by_itself(server: Loopback, days: int) -> None:
    back = MONDAY + days * DAY
    origin = Origin(17, {"ETag": '"{}"'}, lambda origin: (503, {}) if origin.now < back else None)

    live_through(days + 8, server, {"down": origin}, enough=lambda: origin.whole_answers > 0)

    assert len([it for it in origin.asked if it < back]) <= days * 24 * 60 / 50
    assert origin.whole_answers and origin.asked[-1] <= back + DAY / 24
    source = Source.objects.get()
    assert Paper.objects.exists()
    assert (source.failures, source.last_error, source.disabled_at) == (0, "", None)


@pytest.mark.django_db
def test_curator_need_not_wait_for_a_feed_that_is_back(server: Loopback) -> None:
    source = Source.objects.create(name="down", url=f"{server.url}/feed")
    server.does["/feed"] = lambda peer, visit: peer.close()
    now = timezone.now() - DAY / 2
    while now < timezone.now():
        polling.poll(source, now)
        now = source.next_poll_at
    assert polling.poll(source, timezone.now()) is None
    server.says("/feed", answer(200, arxiv_feed("2611.00001")))

    source.poll_now()
    poll = polling.poll(source, timezone.now())

    assert poll is not None and poll.new == 1
    assert len(server.visits) <= 20


# --- arXiv's hosts, in real time ---


@pytest.mark.long
@pytest.mark.timeout(400)
def test_four_processes_ask_arxiv_one_at_a_time_three_seconds_apart(
    site: Site, server: Loopback, away: Loopback, tmp_path: Path
) -> None:
    """The site's fetchers and a command; each sixth request is a redirect's second half."""
    # The servers of the tests before are gone: a command that polls only those has to fail.
    site.rows("UPDATE papers_source SET disabled_at = now()")

    def slowly(reply: bytes) -> Deed:
        def deed(peer, visit) -> None:  # type: ignore[no-untyped-def]
            time.sleep(0.1)
            visit.answered = time.monotonic()
            peer.sendall(reply)

        return deed

    sources = {}
    number = 0
    while number < REQUESTS:
        here, there = (f"http://{host}:{server.port}" for host in ARXIV_HOSTS)
        path = f"/{number}"
        if number % 6 == 4:
            moved = slowly(answer(302, Location=f"{there}{path}/there"))
            server.does[path] = moved
            path, number = f"{path}/there", number + 1
        server.does[path] = slowly(answer(200, arxiv_feed(f"2610.40{number + 1:03}")))
        home = here if number % 2 else there
        sources[f"arXiv {number:02}"] = ("arxiv", home + path.removesuffix("/there"))
        number += 1
    began = time.monotonic()
    elsewhere = "elsewhere"
    feed = away.says("/feed", answer(200, arxiv_feed("2609.40001")))
    add_sources(site, tmp_path, sources | {elsewhere: ("arxiv", feed)})
    command = subprocess.Popen(
        [sys.executable, "manage.py", "ingest"],
        cwd=ROOT,
        env=site.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    try:
        theirs = "SELECT 1 FROM papers_source WHERE name = %s AND last_success_at IS NOT NULL"
        soon(lambda: site.rows(theirs, elsewhere), "the feed that is not arXiv's", 30)
        assert len(server.visits) <= 12, "it waited behind arXiv's"
        done = "SELECT count(*) FROM papers_poll p JOIN papers_source s ON s.id = source_id"
        done += " WHERE name = ANY(%s) AND status = 200"
        patience = REQUESTS * 5 + 30
        soon(lambda: site.rows(done, list(sources)) == [(len(sources),)], "every poll", patience)
        output, _ = command.communicate(timeout=30)
        assert command.returncode == 0, output
    finally:
        command.kill()
        command.communicate()

    visits = server.visits
    assert len(visits) == REQUESTS
    gaps = [after.came - before.answered for before, after in pairwise(visits)]
    print(f"{REQUESTS} requests in {time.monotonic() - began:.1f} s")
    print(f"from an answer to the next request {min(gaps):.3f} to {max(gaps):.3f} s")
    assert min(gaps) >= GAP
    assert server.most_open == 1
