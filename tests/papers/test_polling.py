"""A source that is down, empty, malformed, huge or dressed up changes no paper and says why."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from papers import tasks
from papers.ingest import arxiv_limiter, backfill, polling
from papers.models import Backfill, Paper, Poll, Source
from papers.sources import parsers, sandbox
from papers.sources.feed_xml import StreamingFailed
from tests.conftest import FeedServer
from tests.faults.loopback import arxiv_feed

FEEDS = Path(__file__).parents[1] / "feeds"
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)

pytestmark = [pytest.mark.processes, pytest.mark.django_db]


@pytest.fixture
def source(feed_server: FeedServer) -> Source:
    feed_server.body = (FEEDS / "arxiv_rss.xml").read_bytes()
    return Source.objects.create(name="arXiv test", url=feed_server.url, next_poll_at=NOW)


def poll_again(source: Source, after: timedelta = timedelta(days=8)) -> Poll:
    """Later than any wait."""
    source.refresh_from_db()
    poll = polling.poll(source, source.next_poll_at + after)
    assert poll is not None
    source.refresh_from_db()
    return poll


def test_feed_becomes_papers_and_the_poll_is_written_down(source):
    poll = polling.poll(source, NOW)

    assert poll is not None
    assert (poll.status, poll.rejected) == (200, 2)
    assert "nonsense" in poll.error  # two entries of the sample are broken, the others are in
    assert poll.new == Paper.objects.count() > 0
    source.refresh_from_db()
    assert (source.last_success_at, source.failures, source.last_error) == (NOW, 0, "")
    assert source.next_poll_at > NOW


def test_second_poll_sends_the_validators_back_byte_for_byte(source, feed_server):
    feed_server.headers = {"ETag": 'W/"a\'b"', "Last-Modified": "Mon, 23 Nov 2026 05:00:00 GMT"}
    polling.poll(source, NOW)
    feed_server.status, feed_server.body = 304, b""

    poll = poll_again(source)

    headers = feed_server.asked[-1][1]
    assert headers["if-none-match"] == 'W/"a\'b"'
    assert headers["if-modified-since"] == "Mon, 23 Nov 2026 05:00:00 GMT"
    assert (poll.status, poll.error, source.etag) == (304, "", 'W/"a\'b"')


def test_user_agent_names_the_site_and_a_contact(source, feed_server, settings):
    polling.poll(source, NOW)

    agent = feed_server.asked[0][1]["user-agent"]
    assert settings.SITE_URL in agent
    assert settings.CONTACT_EMAIL in agent


def test_weekend_feed_without_entries_is_a_success(source, feed_server):
    feed_server.body = (FEEDS / "arxiv_weekend.xml").read_bytes()

    poll = polling.poll(source, NOW)

    assert (poll.entries, poll.error) == (0, "")
    source.refresh_from_db()
    assert source.last_success_at == NOW


@pytest.mark.parametrize(
    "status, body, reason",
    [
        (500, b"oops", "500"),
        (404, b"gone fishing", "404"),
        (200, b"<!doctype html><title>Log in</title><p>Please log in.", "HTML"),
        (200, b"", "empty"),
        (200, b"\x00\x01\x02 not a feed", "feed"),
        (400, (FEEDS / "arxiv_feed_error.xml").read_bytes(), "400"),
        (200, (FEEDS / "arxiv_feed_error.xml").read_bytes(), "error"),
        (200, (FEEDS / "arxiv_api_error.xml").read_bytes(), "arXiv"),
        (200, b"<rss>" + b"x" * 30_000_000, "more than"),
    ],
)
def test_what_is_no_feed_changes_no_paper_and_is_tried_again(
    source, feed_server, status, body, reason
):
    polling.poll(source, NOW)
    before = list(Paper.objects.order_by("pk").values())
    feed_server.status, feed_server.body = status, body

    poll = poll_again(source)

    assert list(Paper.objects.order_by("pk").values()) == before
    assert reason.casefold() in poll.error.casefold()
    assert source.last_error == poll.error
    assert source.disabled_at is None
    feed_server.status, feed_server.body = 200, (FEEDS / "arxiv_rss.xml").read_bytes()
    assert poll_again(source).status == 200
    assert (source.failures, source.last_error) == (0, "")


def test_source_that_is_down_is_tried_again_within_the_hour_and_never_given_up(source, feed_server):
    feed_server.status = 500
    waits = []
    for _ in range(16):
        source.refresh_from_db()
        now = source.next_poll_at
        polling.poll(source, now)
        waits.append(source.next_poll_at - now)

    assert timedelta(minutes=50) <= min(waits)
    assert max(waits) <= timedelta(hours=1)
    assert source.disabled_at is None


def test_retry_after_is_obeyed(source, feed_server):
    feed_server.status, feed_server.headers = 429, {"Retry-After": "86400"}

    polling.poll(source, NOW)

    assert source.next_poll_at >= NOW + timedelta(days=1)


def test_gone_on_two_days_ends_it_and_a_curator_can_begin_again(source, feed_server):
    feed_server.status = 410
    for _ in range(2):
        source.refresh_from_db()
        assert source.disabled_at is None
        polling.poll(source, source.next_poll_at)

    assert "410" in source.disabled_why
    source.poll_now()
    assert list(Source.objects.due(timezone.now())) == [source]


def test_address_moves_after_three_polls_over_a_day_led_to_the_same_place(source, feed_server):
    old, new = source.url, f"{source.url}/new"
    feed_server.moved = {"/feed": (301, "/feed/new")}
    for poll in range(4):
        assert source.url == (old if poll < 3 else new)
        now = NOW + timedelta(hours=13 * poll)
        Source.objects.filter(pk=source.pk).update(next_poll_at=now)
        polling.poll(source, now)
        source.refresh_from_db()


def test_passing_redirect_never_moves_the_address(source, feed_server):
    feed_server.moved = {"/feed": (302, "/feed/new")}
    for poll in range(4):
        now = NOW + timedelta(hours=13 * poll)
        Source.objects.filter(pk=source.pk).update(next_poll_at=now)
        polling.poll(source, now)

    source.refresh_from_db()
    assert source.url == feed_server.url


def test_arxivs_hosts_are_asked_one_at_a_time_three_seconds_apart(source, feed_server, settings):
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    started = time.monotonic()
    polling.poll(source, NOW)

    poll_again(source)

    assert time.monotonic() - started >= 3


def test_patience_that_arxiv_asks_of_one_source_is_shown_by_all(source, feed_server, settings):
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    feed_server.status, feed_server.headers = 429, {"Retry-After": "3600"}
    polling.poll(source, NOW)
    other = Source.objects.create(name="other", url=f"{source.url}/2", next_poll_at=NOW)

    poll = polling.poll(other, NOW)

    assert poll is None
    assert len(feed_server.asked) == 1
    assert other.next_poll_at > NOW + timedelta(minutes=50)
    assert (other.failures, other.lease_until) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_poll_that_finds_others_at_arxiv_comes_back_at_once_and_stays_due(
    source, feed_server, settings
):
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    with somebody_at_arxiv():
        poll = polling.poll(source, NOW)

    assert poll is None
    assert feed_server.asked == []
    assert list(Source.objects.due(NOW)) == [source]
    assert polling.poll(source, NOW).new == 2


@pytest.mark.django_db(transaction=True)
def test_backfill_that_finds_others_at_arxiv_has_not_lost_a_try(source, feed_server, settings):
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    settings.ARXIV_OAI_URL = feed_server.url
    source.url = "http://127.0.0.1/rss/cs.CL"
    source.save()
    hole = Backfill.objects.create(source=source, since=NOW.date(), until=NOW.date())
    with somebody_at_arxiv():
        for _ in range(6):
            assert not backfill.run(hole)

    assert feed_server.asked == []
    assert list(Backfill.objects.due(NOW)) == [hole]
    assert hole.last_error == ""


def test_polls_of_long_ago_are_forgotten(source):
    for age in (1, 179, 181):
        Poll.objects.create(source=source, started_at=timezone.now() - timedelta(days=age))

    tasks.find_gaps()

    assert Poll.objects.count() == 2


@contextmanager
def somebody_at_arxiv() -> Iterator[None]:
    """A session of another process, holding the lock."""
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [arxiv_limiter.REQUEST_LOCK])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [arxiv_limiter.REQUEST_LOCK])


def test_large_feed_that_is_broken_near_its_end_brings_each_paper_once(source, feed_server):
    ids = [f"2611.{number:05}" for number in range(1, 601)]
    body, _, last = arxiv_feed(*ids).rpartition(b"<title>")
    feed_server.body = body + b"<title>1 < 2 " + last
    with pytest.raises(StreamingFailed):
        list(parsers.stream("arxiv", feed_server.body))

    poll = polling.poll(source, NOW)

    assert (poll.status, poll.entries, poll.new, poll.error) == (200, 600, 600, "")
    assert Paper.objects.count() == 600


def test_large_feed_that_breaks_off_leaves_nothing_behind(source, feed_server):
    ids = [f"2611.{number:05}" for number in range(1, 601)]
    feed_server.body = arxiv_feed(*ids)[:-2_000]
    feed_server.headers["ETag"] = '"half"'

    poll = polling.poll(source, NOW)

    assert "cut off" in poll.error
    assert (poll.new, Paper.objects.count(), source.etag) == (0, 0, "")


def test_body_that_takes_too_long_to_read_is_a_reason(source, feed_server, monkeypatch):
    monkeypatch.setattr(sandbox, "MAX_CPU_TIME", timedelta(seconds=0.01))
    feed_server.body = arxiv_feed(*(f"2611.{number:05}" for number in range(1, 601)))

    poll = polling.poll(source, NOW)

    assert "longer than" in poll.error


def test_body_that_takes_too_much_memory_is_a_reason(source, feed_server, monkeypatch):
    monkeypatch.setattr(sandbox, "MAX_MEMORY_MB", 1)
    feed_server.body += b" " * 5_000_000

    poll = polling.poll(source, NOW)

    assert "memory" in poll.error


def test_host_that_does_not_answer_is_a_reason_not_a_crash(db):
    source = Source.objects.create(name="dead", url="http://127.0.0.1:9/feed", next_poll_at=NOW)

    poll = polling.poll(source, NOW)

    assert poll is not None
    assert "127.0.0.1" in poll.error


def test_of_two_workers_one_polls(source, feed_server):
    twin = Source.objects.get(pk=source.pk)
    assert source.claim(NOW)

    assert polling.poll(twin, NOW) is None

    assert feed_server.asked == []


def test_claim_of_a_worker_that_died_ends_with_its_lease(source):
    source.claim(NOW)

    assert polling.poll(source, NOW + timedelta(hours=1)) is not None


def test_source_that_is_not_due_is_left_alone(source, feed_server):
    polling.poll(source, timezone.now())

    tasks.poll_source(source.pk)

    assert len(feed_server.asked) == 1


def test_private_addresses_are_refused_unless_allowed(source, feed_server, settings):
    settings.FETCH_ALLOW_PRIVATE = False

    poll = polling.poll(source, NOW)

    assert feed_server.asked == []
    assert poll.error
    assert not Paper.objects.exists()


def test_bug_of_a_parser_is_written_where_the_operator_looks(source):
    Source.objects.filter(pk=source.pk).update(kind="unheard-of")
    source.refresh_from_db()

    polling.poll(source, NOW)

    assert "a fault in our parser (KeyError" in Poll.objects.get().error
    assert Source.objects.get().lease_until is None


def test_ingest_command_polls_the_named_source_and_prints_a_table(source, capsys):
    call_command("ingest", "arXiv test")

    printed = capsys.readouterr().out
    assert "arXiv test" in printed
    assert Paper.objects.exists()


def test_ingest_command_names_the_sources_there_are(source):
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="arXiv test"):
        call_command("ingest", "typo")


@pytest.mark.parametrize(
    ("name", "papers"), [("arxiv_rss.xml", 2), ("arxiv_api.xml", 2), ("arxiv_api_error.xml", 0)]
)
def test_feed_brings_as_many_papers_as_the_rule_admits(feed_server, name, papers):
    feed_server.body = (FEEDS / name).read_bytes()
    source = Source.objects.create(name=name, url=feed_server.url, next_poll_at=NOW)

    poll = polling.poll(source, NOW)

    assert Paper.objects.count() == poll.new == papers


# How many papers the rule admits of each capture: new and cross-listed announcements, and every
# real answer of the API; unknown ids and arXiv's error entries are no papers.
CAPTURES = {
    "arxiv_rss/atom_cs.AI_2025-08-20.xml": 7,
    "arxiv_rss/rss2_cs.AI_2026-04-27.xml": 3,
    "arxiv_api/arxivvanity_2017_m10.xml": 10,
    "arxiv_api/id_0000.0000_s0_m100.xml": 0,
    "arxiv_api/id_0808.05394_1707.08567_s0_m100.xml": 1,
    "arxiv_api/id_0808.05394_s0_m100.xml": 0,
    "arxiv_api/id_1605.08386_s0_m100.xml": 1,
    "arxiv_api/id_1707.08567_s0_m100.xml": 1,
    "arxiv_api/id_2104.12255v1_s0_m100.xml": 1,
    "arxiv_api/id_abc_s0_m100.xml": 0,
    "arxiv_api/id_astro-ph_0601001_s0_m100.xml": 1,
    "arxiv_api/id_quant-ph_0201082v1_s0_m100.xml": 1,
    "arxiv_api/q_testing_s0_m10.xml": 10,
    "arxiv_api/q_testing_s0_m15.xml": 15,
    "arxiv_api/q_testing_s10_m10.xml": 10,
    "arxiv_api/q_testing_s50_m10.xml": 10,
    "arxiv_api/q_testing_s5_m10.xml": 10,
    "arxiv_api/q_testing_s5_m15.xml": 15,
}


@pytest.mark.long
@pytest.mark.parametrize("name, papers", CAPTURES.items())
def test_real_capture_brings_as_many_papers_as_the_rule_admits(
    shared_data, feed_server, name, papers
):
    feed_server.body = (shared_data / name).read_bytes()
    feed_server.status = 400 if "id_abc" in name else 200
    source = Source.objects.create(name=name, url=feed_server.url, next_poll_at=NOW)

    poll = polling.poll(source, NOW)

    assert Paper.objects.count() == poll.new == papers
    assert bool(poll.error) == ("id_abc" in name)


@pytest.mark.long
def test_every_capture_of_arxiv_is_named_above(shared_data):
    files = {
        f"{folder}/{path.name}"
        for folder in ("arxiv_rss", "arxiv_api")
        for path in (shared_data / folder).glob("*.xml")
    }
    assert files == set(CAPTURES)


def test_incomplete_answer_of_the_api_is_a_failure_and_asked_again_soon(source, feed_server):
    feed_server.body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"'
        b' xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><title>Query</title>'
        b"<o:totalResults>86543</o:totalResults></feed>"
    )

    poll = polling.poll(source, NOW)

    assert "86,543 results" in poll.error
    source.refresh_from_db()
    assert (source.failures, source.last_success_at) == (1, None)
    assert source.next_poll_at - NOW < timedelta(minutes=10)


def test_one_strange_source_never_stops_the_others(source, feed_server, monkeypatch, capsys):
    """Whatever is wrong with it, and whatever its text holds: Rich would take [/b] for markup."""
    strange = Source.objects.create(name="A [/b] strange one", url="http://127.0.0.1/strange")
    fetch = polling.fetch

    def fails_once(url: str, **options: object) -> object:
        if url == strange.url:
            raise RuntimeError("a [/b] fault of ours")
        return fetch(url, **options)

    monkeypatch.setattr(polling, "fetch", fails_once)

    call_command("ingest", strange.name, source.name)

    assert "a [/b] fault of ours" in " ".join(capsys.readouterr().out.split())
    source.refresh_from_db()
    assert source.last_success_at is not None
