"""No source leads into a private network, however its address is written or resolved."""

import socket
from collections.abc import Iterator

import pycurl
import pytest
from django.utils import timezone
from pytest_django import Settings

from papers.ingest import polling
from papers.models import Paper, Poll, Source
from tests.faults.loopback import Loopback, answer, arxiv_feed
from tests.papers.test_http import SPELLINGS

pytestmark = pytest.mark.django_db

MORE_SPELLINGS = [
    "127.0.0.1:{port}@127.0.0.1",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[::1%25lo]",
    "0000::1",
    "127.0.0.1%00.example.org",
    "127.0.0.1%23.example.org",
    "127.0.0.1#.example.org",
    "127.0.0.1\\.example.org",
    "0x7f000001.",
    "0300.0250.0.1",
    "[::ffff:a9fe:a9fe]",
    "①⑥⑨。②⑤④。①⑥⑨。②⑤④",
]


@pytest.fixture(autouse=True)
def guard_is_up(settings: Settings) -> None:
    settings.FETCH_ALLOW_PRIVATE = False


@pytest.fixture
def canary() -> Iterator[int]:
    """The port of a listener on every address of this machine, that nobody may come to."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        yield listener.getsockname()[1]
        nobody_came(listener)


def nobody_came(listener: socket.socket) -> None:
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()


def polled(url: str) -> tuple[Source, Poll]:
    source = Source.objects.create(name="inside", url=url)
    poll = polling.poll(source, timezone.now())
    assert poll is not None
    source.refresh_from_db()
    return source, poll


def test_canary_notices_who_comes() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, listener.getsockname()[1])).close()
            with pytest.raises(pytest.fail.Exception):
                nobody_came(listener)


def test_there_are_forty_spellings_and_more() -> None:
    assert len(set(SPELLINGS + MORE_SPELLINGS)) >= 40


@pytest.mark.parametrize("host", [*SPELLINGS, *MORE_SPELLINGS])
def test_private_address_is_not_connected_to_and_the_source_says_why(
    canary: int, host: str
) -> None:
    url = f"http://{host.format(port=canary)}:{canary}/feed"

    source, poll = polled(url)

    assert source.last_error == poll.error
    assert any(
        why in source.last_error
        for why in (
            "is not a public address",
            "does not resolve",
            "a URL with",
            "not a URL",
            "is no host name",
            "bad",
        )
    ), source.last_error
    assert (source.failures, poll.status, source.last_success_at) == (1, None, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:7f00:1]"])
def test_reason_names_the_address(canary: int, host: str) -> None:
    source, _ = polled(f"http://{host}:{canary}/feed")

    assert "is not a public address" in source.last_error


# From here on one address is taken for a public one: that of the server that leads astray.


@pytest.fixture
def outside(server: Loopback, settings: Settings) -> Loopback:
    settings.FETCH_ALLOW_PRIVATE = {f"127.0.0.1:{server.port}"}
    return server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("hops", [1, 3])
def test_redirect_into_a_private_network_is_refused(
    outside: Loopback, canary: int, status: int, hops: int
) -> None:
    for hop in range(1, hops):
        outside.says(f"/{hop}", answer(status, Location=f"/{hop + 1}"))
    outside.says(f"/{hops}", answer(status, Location=f"http://127.0.0.1:{canary}/feed"))

    source, _ = polled(f"{outside.url}/1")

    assert len(outside.visits) == hops
    assert "127.0.0.1 is not a public address" in source.last_error
    assert (source.moved_to, source.url) == ("", f"{outside.url}/1")


def test_redirect_to_any_spelling_is_refused(outside: Loopback, canary: int) -> None:
    for number, host in enumerate(SPELLINGS):
        whereto = f"http://{host}:{canary}/feed"
        outside.says(f"/{number}", answer(302, Location=whereto.encode().decode("latin-1")))
        source = Source.objects.create(name=host, url=f"{outside.url}/{number}")

        polling.poll(source, timezone.now())

        assert source.failures == 1, host
        assert source.last_error, host
    assert not Paper.objects.exists()


# A name that is public when one looks, and private when one connects.


@pytest.fixture
def inside(outside: Loopback) -> Iterator[socket.socket]:
    """A canary on the port of the server, on another address of this machine."""
    with socket.create_server(("::1", outside.port), family=socket.AF_INET6) as listener:
        yield listener
        nobody_came(listener)


@pytest.fixture
def resolver(outside: Loopback, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a name server of the enemy answers, one look-up after the other."""
    answers: list[str] = []

    class Deceived(pycurl.Curl):  # type: ignore[misc]
        def perform(self) -> None:
            found = answers.pop(0)
            self.setopt(pycurl.RESOLVE, [f"rebind.example:{outside.port}:{found}"])
            super().perform()

    monkeypatch.setattr(pycurl, "Curl", Deceived)
    return answers


def test_name_that_turns_private_before_a_redirect_is_refused(
    outside: Loopback, inside: socket.socket, resolver: list[str]
) -> None:
    resolver += ["127.0.0.1", "[::1]"]
    here = f"http://rebind.example:{outside.port}"
    outside.says("/feed", answer(302, Location=f"{here}/again"))

    source, _ = polled(f"{here}/feed")

    assert [visit.path for visit in outside.visits] == ["/feed"]
    assert "::1 is not a public address" in source.last_error


def test_name_that_turns_private_between_polls_is_refused(
    outside: Loopback, inside: socket.socket, resolver: list[str]
) -> None:
    resolver += ["127.0.0.1", "[::1]"]
    outside.says("/feed", answer(200, arxiv_feed("2611.00001")))
    source, first = polled(f"http://rebind.example:{outside.port}/feed")
    assert (first.status, first.new) == (200, 1)

    polling.poll(source, source.next_poll_at)

    assert "::1 is not a public address" in source.last_error


@pytest.mark.parametrize("found", ["127.0.0.1,[::1]", "[::1],127.0.0.1"])
def test_name_with_a_public_and_a_private_address_leads_to_the_public_one_only(
    outside: Loopback, inside: socket.socket, resolver: list[str], found: str
) -> None:
    resolver += [found]
    outside.says("/feed", answer(200, arxiv_feed("2611.00001")))

    _, poll = polled(f"http://rebind.example:{outside.port}/feed")

    assert (poll.status, poll.new) == (200, 1)


@pytest.mark.parametrize("first", [True, False])
def test_private_address_is_no_second_choice_when_the_public_one_is_down(
    settings: Settings,
    outside: Loopback,
    inside: socket.socket,
    resolver: list[str],
    first: bool,
) -> None:
    down = "127.0.0.2"  # taken for public, and nobody listens there
    settings.FETCH_ALLOW_PRIVATE = {f"{down}:{outside.port}"}
    resolver += [f"{down},[::1]" if first else f"[::1],{down}"]

    source, _ = polled(f"http://rebind.example:{outside.port}/feed")

    assert source.last_error
    assert outside.visits == []
