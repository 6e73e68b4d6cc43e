"""A fetch ends in time, takes no more than it may, connects to nobody private, and is polite."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from papers.sources import addresses, http
from papers.sources.http import FetchError, Limits, fetch

AGENT = "TrendingPapers/1.0 (+https://papers.example; mailto:admin@papers.example)"
QUICK = Limits(total_seconds=0.6, connect_seconds=0.6)


class Server:
    """A loopback server that says, byte for byte, what a test tells it to."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []
        self.routes: dict[str, Callable[[socket.socket], None]] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def says(self, answer: bytes, path: str = "/") -> str:
        return self.does(lambda peer: peer.sendall(answer), path)

    def does(self, deed: Callable[[socket.socket], None], path: str = "/") -> str:
        self.routes[path] = deed
        return self.url + path

    def headers(self, index: int = -1) -> dict[str, bytes]:
        lines = self.requests[index].split(b"\r\n")[1:]
        pairs = (line.partition(b": ") for line in lines if line)
        return {name.decode().lower(): value for name, _, value in pairs}

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            request = b""
            while b"\r\n\r\n" not in request:
                chunk = peer.recv(65536)
                if not chunk:
                    break
                request += chunk
            self.requests.append(request)
            path = request.split(b" ")[1].decode("latin-1") if b" " in request else ""
            with suppress(OSError, KeyError):  # the client hung up, as most of these tests want
                self.routes[path](peer)


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    given = {"Content-Length": str(len(body)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.listener.close()


def get(url: str, **options: object) -> http.Response:
    given: dict[str, object] = {"user_agent": AGENT, "allow_private": True, "limits": QUICK}
    return fetch(url, **(given | options))  # type: ignore[arg-type]


def refused(url: str, **options: object) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    assert "\n" not in caught.value.reason
    return caught.value


# What it brings


def test_a_body_comes_with_its_validators_and_type(server: Server) -> None:
    url = server.says(answer(200, b"<rss/>", ETag='W/"a"', Content_Type="text/xml"))
    found = get(url)
    assert (found.status, found.body, found.url) == (200, b"<rss/>", url)
    assert (found.etag, found.content_type, found.wire_bytes) == ('W/"a"', "text/xml", 6)
    assert found.moved_permanently_to is None


def test_an_empty_200_is_an_empty_body(server: Server) -> None:
    assert get(server.says(answer(200))).body == b""


def test_a_compressed_body_is_decoded_and_its_wire_size_told(server: Server) -> None:
    packed = gzip.compress(b"a" * 100_000)
    found = get(server.says(answer(200, packed, Content_Encoding="gzip")))
    assert found.body == b"a" * 100_000
    assert found.wire_bytes == len(packed)


def test_it_says_who_it_is(server: Server) -> None:
    get(server.says(answer(200)))
    assert server.headers()["user-agent"] == AGENT.encode()
    assert b"gzip" in server.headers()["accept-encoding"]


@pytest.mark.parametrize(
    "etag", ['"abc"', 'W/"abc"', "abc", '"a""b"', '"  x"', '"sp ace"', '"\xe9"', "'x'", '""']
)
def test_validators_are_sent_back_byte_for_byte(server: Server, etag: str) -> None:
    date = "Thu, 13 Mar 2025 04:00:00 GMT"
    first = get(server.says(answer(200, b"x", ETag=etag, Last_Modified=date)))
    url = server.says(answer(304))
    second = get(url, etag=first.etag, last_modified=first.last_modified)
    assert server.headers()["if-none-match"] == etag.encode("latin-1")
    assert server.headers()["if-modified-since"] == date.encode()
    assert (second.status, second.body) == (304, b"")
    assert (second.etag, second.last_modified) == (etag, date)


def test_no_validators_no_conditions(server: Server) -> None:
    get(server.says(answer(200)))
    assert not {"if-none-match", "if-modified-since"} & server.headers().keys()


def test_a_validator_cannot_smuggle_a_header(server: Server) -> None:
    get(server.says(answer(200)), etag='"a"\r\nX-Evil: 1')
    assert b"X-Evil" not in server.requests[-1]


def test_a_304_that_nobody_asked_for_is_an_error(server: Server) -> None:
    assert refused(server.says(answer(304))).status == 304


def test_a_304_with_a_body_has_none(server: Server) -> None:
    assert get(server.says(answer(304, b"surprise")), etag='"a"').body == b""


# What goes wrong


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 403, 404, 429, 500, 503])
def test_any_other_status_is_an_error_that_names_it(server: Server, status: int) -> None:
    error = refused(server.says(answer(status, b"why" if status != 204 else b"")))
    assert error.status == status
    assert not error.gone
    assert f"answered {status}" in error.reason


def test_410_is_gone(server: Server) -> None:
    assert refused(server.says(answer(410))).gone


def test_an_error_keeps_its_body(server: Server) -> None:
    assert refused(server.says(answer(400, b"incorrect id"))).body == b"incorrect id"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999999", 7 * 24 * 3600),
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0),
        ("Wed, 01 Jan 2200 00:00:00 GMT", 7 * 24 * 3600),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("Wed, 99 Jan 99999 00:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after(server: Server, value: str, seconds: float | None) -> None:
    error = refused(server.says(answer(429, Retry_After=value)))
    assert error.retry_after == seconds


def test_retry_after_as_a_date_is_told_in_seconds(server: Server) -> None:
    then = datetime.now(UTC) + timedelta(minutes=10)
    error = refused(server.says(answer(503, Retry_After=format_datetime(then, usegmt=True))))
    assert error.retry_after == pytest.approx(600, abs=5)


@pytest.mark.parametrize(
    ("bytes_", "reason"),
    [
        (b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nshort", "shorter than it promised"),
        (b"", "without an answer"),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ""),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ""),
        (b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\nno gzip at all", ""),
        (b"HTTP/1.1 200 X\r\nContent-Encoding: rot13\r\n\r\nabc", ""),
        (b"<rss>no head, as in HTTP/0.9</rss>", ""),
        (b"HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\nabc", ""),
    ],
)
def test_a_broken_answer_is_an_error(server: Server, bytes_: bytes, reason: str) -> None:
    assert reason in refused(server.says(bytes_)).reason


def test_a_longer_body_than_promised_is_cut_there(server: Server) -> None:
    assert get(server.says(answer(200, b"abcdef", Content_Length="3"))).body == b"abc"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "does not accept connections" in refused(f"http://127.0.0.1:{port}/").reason


def test_a_name_that_does_not_resolve() -> None:
    assert "invalid" in refused("http://no-such-host.invalid/").reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "feeds",
        "//example.org/feed",
        "file:///etc/passwd",
        "ftp://example.org/feed",
        "gopher://example.org/1",
        "javascript:alert(1)",
        "data:text/xml,<rss/>",
        "http://",
        "http:///feed",
        "http://[::1/feed",
        "http://[nonsense]/feed",
        "http://example.org:port/feed",
        "http://example.org:99999/feed",
        "http://user:secret@example.org/feed",
        "http://user@example.org/feed",
        "http://exa\nmple.org/feed",
        "http://example.org/a\r\nX-Evil: 1",
        "http://example.org\\@127.0.0.1/",
        "http://exa mple.org/feed",
        "http://\udcff.org/",
        "http://" + "ü" * 80 + ".org/",
        "http://" + "a" * 300 + ".org/",
        "http://example.org/" + "a" * 10_000,
    ],
)
def test_a_bad_url_is_an_error_like_any_other(url: str) -> None:
    assert refused(url).status is None


def test_a_url_in_any_script_goes_out_in_ascii(server: Server) -> None:
    server.says(answer(200, b"ok"), "/%C3%BC?q=%E6%97%A5%20x")
    assert get(f"{server.url}/ü?q=日 x#part").body == b"ok"
    assert addresses.request_url("http://BÜCHER.example/a") == "http://xn--bcher-kva.example/a"


# How long, how much


def drip(peer: socket.socket, head: bytes, piece: bytes) -> None:
    peer.sendall(head)
    for _ in range(100):
        peer.sendall(piece)
        time.sleep(0.1)


def timed(url: str, **options: object) -> tuple[float, FetchError]:
    began = time.monotonic()
    error = refused(url, **options)
    return time.monotonic() - began, error


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 X\r\n", b"X-More: 1\r\n"),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"", b""),
    ],
    ids=["body", "headers", "chunks", "silence"],
)
def test_a_drip_ends_in_time(server: Server, head: bytes, piece: bytes) -> None:
    took, error = timed(server.does(lambda peer: drip(peer, head, piece)))
    assert took < 2
    assert "within 0.6 seconds" in error.reason


def test_the_time_is_one_for_all_redirects(server: Server) -> None:
    def slow(peer: socket.socket) -> None:
        time.sleep(0.25)
        peer.sendall(answer(302, Location="/"))

    took, error = timed(server.does(slow))
    assert took < 2
    assert "within 0.6 seconds" in error.reason


@pytest.mark.parametrize("line", [b"X: " + b"a" * 1000 + b"\r\n", b"a" * 1000], ids=["many", "one"])
def test_huge_headers_are_cut_off(server: Server, line: bytes) -> None:
    def flood(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 X\r\nX: ")
        for _ in range(5_000):
            peer.sendall(line)

    took, _ = timed(server.does(flood), limits=Limits())
    assert took < 2


def test_more_headers_than_allowed_are_named(server: Server) -> None:
    lines = {f"X-{number}": "a" * 1000 for number in range(70)}
    assert "bytes of headers" in refused(server.says(answer(200, b"x", **lines))).reason


def test_many_early_hints_are_headers_too(server: Server) -> None:
    hint = b'HTTP/1.1 103 Early\r\nLink: <a>\r\nETag: "0"\r\n\r\n'
    assert get(server.says(hint + answer(200, b"x"))).etag == ""
    assert "headers" in refused(server.says(hint * 3_000 + answer(200, b"x"))).reason


@pytest.mark.parametrize("told", [True, False], ids=["length told", "length untold"])
def test_more_than_the_wire_limit_is_cut_off(server: Server, told: bool) -> None:
    sent = 0

    def pour(peer: socket.socket) -> None:
        nonlocal sent
        peer.sendall(b"HTTP/1.1 200 X\r\n" + (b"Content-Length: 50000000\r\n" * told) + b"\r\n")
        for _ in range(50):
            peer.sendall(b"a" * 1_000_000)
            sent += 1

    error = refused(server.does(pour), limits=Limits())
    assert "more than" in error.reason
    assert sent < 20


def test_the_wire_limit_holds_below_the_decoded_one(server: Server) -> None:
    url = server.says(answer(200, b"a" * 3_000))
    assert "3000" not in refused(url, limits=Limits(wire_bytes=2_999)).reason
    assert len(get(url, limits=Limits(wire_bytes=3_000)).body) == 3_000


@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_is_defused(server: Server, layers: int) -> None:
    bomb = b"\0" * 100_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb, 1)
    encoding = ", ".join(["gzip"] * layers)
    took, error = timed(server.says(answer(200, bomb, Content_Encoding=encoding)), limits=Limits())
    assert "more than 10000000 bytes" in error.reason
    assert took < 2


def test_a_caller_may_ask_for_more(server: Server) -> None:
    url = server.says(answer(200, b"a" * 12_000_000))
    limits = Limits(wire_bytes=20_000_000, decoded_bytes=20_000_000)
    assert len(get(url, limits=limits).body) == 12_000_000


# Redirects


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ([301], 1),
        ([308], 1),
        ([302], 0),
        ([303], 0),
        ([307], 0),
        ([301, 308], 2),
        ([301, 302, 301], 1),
        ([302, 301], 0),
        ([301, 301, 301, 301, 301], 5),
    ],
)
def test_redirects_are_followed_and_the_lasting_ones_told(
    server: Server, statuses: list[int], permanent: int
) -> None:
    for step, status in enumerate(statuses):
        server.says(answer(status, Location=f"/{step + 1}"), f"/{step}")
    server.says(answer(200, b"there"), f"/{len(statuses)}")
    found = get(f"{server.url}/0", etag='"e"')
    assert (found.body, found.url) == (b"there", f"{server.url}/{len(statuses)}")
    assert found.moved_permanently_to == (f"{server.url}/{permanent}" if permanent else None)


def test_a_redirect_loop_ends(server: Server) -> None:
    error = refused(server.says(answer(302, Location="/")))
    assert "more than 5 redirects" in error.reason
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "javascript:alert(1)",
        "data:,x",
        "http://user:secret@127.0.0.1/",
        "http://[::1",
        "",
    ],
)
def test_a_redirect_elsewhere_than_to_http_is_refused(server: Server, location: str) -> None:
    assert refused(server.says(answer(302, Location=location))).reason.startswith("127.0.0.1")


def test_a_location_in_raw_utf_8_is_followed(server: Server) -> None:
    server.says(answer(200, b"ok"), "/%C3%BC%20x")
    start = server.says(answer(302, Location="/ü x".encode().decode("latin-1")), "/start")
    assert get(start).body == b"ok"


# Whom it connects to


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A listener on every address of this machine that must never be spoken to."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        listener.setblocking(False)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127%2e0%2e0%2e1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "feed.localhost",
    "ⓛocalhost",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_private_addresses_are_refused_however_spelled(canary: socket.socket, host: str) -> None:
    reason = refused(f"http://{host}:{canary.getsockname()[1]}/", allow_private=False).reason
    assert "is not a public address" in reason or "does not resolve" in reason


def test_our_own_name_is_no_way_in(canary: socket.socket) -> None:
    refused(f"http://{socket.gethostname()}:{canary.getsockname()[1]}/", allow_private=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_a_refusal_names_the_address(canary: socket.socket, host: str) -> None:
    error = refused(f"http://{host}:{canary.getsockname()[1]}/", allow_private=False)
    assert "is not a public address" in error.reason


def test_a_redirect_into_a_private_network_is_refused(
    server: Server, canary: socket.socket
) -> None:
    port = canary.getsockname()[1]
    for host in ("127.0.0.1", "localhost", "[::1]", "0"):
        url = server.says(answer(302, Location=f"http://{host}:{port}/"))
        error = refused(url, allow_private={f"127.0.0.1:{server.port}"})
        assert "is not a public address" in error.reason


def test_other_ports_are_refused() -> None:
    """Nothing is sent: the port is judged when the socket is about to connect."""
    for port in (22, 25, 6379, 8080):
        error = refused(f"http://192.88.98.1:{port}/", allow_private=False)
        assert f"port {port} is refused" in error.reason


def test_proxies_of_the_environment_are_ignored(
    server: Server, canary: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.getsockname()[1]}")
    monkeypatch.setenv("no_proxy", "")
    assert get(server.says(answer(200, b"direct"))).body == b"direct"


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("1.1.1.1", True),
        ("128.84.4.20", True),
        ("2606:4700::1111", True),
        ("2a04:4e42::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("0.1.2.3", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("168.63.129.16", False),
        ("169.254.169.254", False),
        ("172.31.255.255", False),
        ("172.32.0.1", True),
        ("192.0.0.192", False),
        ("192.0.2.1", False),
        ("192.88.99.1", False),
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("198.51.100.1", False),
        ("203.0.113.1", False),
        ("224.0.0.251", False),
        ("239.255.255.250", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:1.1.1.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::101:101", False),
        ("64:ff9b:1::1", False),
        ("100::1", False),
        ("2001::1", False),
        ("2001:db8::1", False),
        ("2002:7f00:1::", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("", False),
        ("example.org", False),
    ],
)
def test_what_is_public(ip: str, public: bool) -> None:
    assert addresses.is_public(ip) is public


# Many at once


def test_threads_do_not_disturb_each_other(server: Server) -> None:
    for number in range(20):
        server.says(answer(200, f"body {number}".encode()), f"/{number}")
    found: dict[int, bytes] = {}

    def one(number: int) -> None:
        found[number] = get(f"{server.url}/{number}", limits=Limits()).body

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"body {number}".encode() for number in range(20)}
