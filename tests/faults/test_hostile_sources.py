"""Hostile sources beside healthy ones: each is told why, none keeps another from its papers."""

import html
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import add_sources
from tests.faults.loopback import Deed, Loopback, Visit, answer, arxiv_feed
from tests.running_site import Site

MOST_SECONDS = 30.0  # of one poll
ALL_HEALTHY_AFTER = 60.0
MOST_MEGABYTES = 500
HEALTHY = 20
SECRET = "the-secret-of-this-machine"
READ_OR_GIVEN_UP = "takes longer than 7 s to read: given up"  # as fast as the machine is

pytestmark = [pytest.mark.timeout(240), pytest.mark.long]

# --- What they answer ---

HEAD = b"HTTP/1.1 200 X\r\n"
ITEM = "<item><title>{title}</title><guid>{id}</guid>{rest}</item>"


def rss(*items: str, before: str = "", version: str = '<?xml version="1.0"?>') -> bytes:
    head = f'{version}{before}<rss version="2.0"><channel><title>Hostile</title>'
    return f"{head}{''.join(items)}</channel></rss>".encode()


def item(title: str, rest: str = "") -> str:
    return ITEM.format(title=title, id=f"urn:{title[:40]}", rest=rest)


def described(title: str, text: str) -> bytes:
    """A feed of one entry with this HTML in it."""
    return rss(item(title, f"<description><![CDATA[{text}]]></description>"))


def drip(head: bytes, piece: bytes) -> Deed:
    def deed(peer: socket.socket, visit: Visit) -> None:
        peer.sendall(head)
        for _ in range(200):
            time.sleep(0.3)
            peer.sendall(piece)

    return deed


def headers_without_end(peer: socket.socket, visit: Visit) -> None:
    peer.sendall(HEAD + b"X-Much: " + b"a" * 5_000_000 + b"\r\n\r\n")


def reset(peer: socket.socket, visit: Visit) -> None:
    peer.sendall(HEAD + b"Content-Length: 1000\r\n\r\n<rss>")
    time.sleep(0.2)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def short(peer: socket.socket, visit: Visit) -> None:
    peer.sendall(HEAD + b"Content-Length: 9999\r\n\r\n" + arxiv_feed("2611.66601"))
    peer.shutdown(socket.SHUT_WR)


def nothing(peer: socket.socket, visit: Visit) -> None:
    """Never answers."""


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"\0" * 1_000_000
    return b"".join([*(packer.compress(zeros) for _ in range(200)), packer.flush()])


def billion_laughs() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return rss(item("&l9;"), before=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>')


def blow_up() -> bytes:
    entity = f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'
    return rss(item("&a;" * 30_000), before=entity)


def xxe(*urls: str) -> bytes:
    entities = "".join(f'<!ENTITY e{n} SYSTEM "{url}">' for n, url in enumerate(urls))
    loaded = "".join(f'<!ENTITY % p{n} SYSTEM "{url}"> %p{n};' for n, url in enumerate(urls))
    told = "".join(f"&e{n};" for n in range(len(urls)))
    return rss(item(f"XXE {told}"), before=f"<!DOCTYPE rss [{entities}{loaded}]>")


def utf_16_called_utf_8() -> bytes:
    text = rss(item("Ünïcode")).decode().replace('"1.0"', '"1.0" encoding="utf-8"')
    return text.encode("utf-16")


def javascript() -> bytes:
    bad = "javascript:alert(1)"
    text = f'<p onclick="alert(1)"><a href="{bad}">A</a><img src="{bad}"><script>alert(1)</script>'
    rest = f"<link>{bad}</link><comments>{bad}</comments><enclosure url='{bad}' type='text/html'/>"
    told = f"<description><![CDATA[{text}]]></description>"
    return rss(item("Click &lt;script&gt;alert(1)&lt;/script&gt; me", rest + told))


def full_of_tex() -> bytes:
    """Not one long text, which would be cut, but many."""
    text = "{_" * 4_000
    return rss(*(item(f"TeX {n}", f"<description>{text}</description>") for n in range(100)))


def submitted_by(name: str) -> bytes:
    paper = {"id": "2611.66611", "title": "Submitted", "submittedBy": {"fullname": name}}
    return json.dumps([{"paper": paper}]).encode()


# As what kind it is polled, what it does (bytes are the body of a 200), and what the operator
# reads: nothing where it does no harm.
Hostile = tuple[str, bytes | Deed, str]


def hostile(server: Loopback, secret: Path) -> dict[str, Hostile]:
    def redirect(to: str) -> Deed:
        return lambda peer, visit: peer.sendall(answer(302, Location=to))

    def status(code: int, body: bytes = b"", **headers: str) -> Deed:
        return lambda peer, visit: peer.sendall(answer(code, body, **headers))

    return {
        # The connection
        "drips its body": (
            "feed",
            drip(HEAD + b"Content-Length: 1000\r\n\r\n", b"a"),
            "no whole answer within",
        ),
        "drips its headers": ("feed", drip(HEAD, b"X-More: 1\r\n"), "no whole answer within"),
        "never answers": ("feed", nothing, "no whole answer within"),
        "hangs up too early": ("feed", short, "shorter than it promised"),
        "resets in the middle": ("feed", reset, "127.0.0.1"),
        "breaks its chunks": (
            "feed",
            lambda peer, visit: peer.sendall(
                HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\nzz\r\n"
            ),
            "127.0.0.1",
        ),
        "sends 5 MB of headers": ("feed", headers_without_end, "a header longer than any"),
        "sends a gzip bomb": (
            "feed",
            status(200, gzip_bomb(), Content_Encoding="gzip"),
            "more than 10000000 bytes",
        ),
        # The status
        "redirects in a circle": (
            "feed",
            redirect("/redirects-in-a-circle"),
            "more than 5 redirects",
        ),
        "redirects to a file": ("feed", redirect(f"file://{secret}"), "only http and https"),
        "is gone": ("feed", status(410), "410"),
        "asks for patience": ("feed", status(429, Retry_After="7200"), "429"),
        "asks for patience without saying how much": ("feed", status(429), "429"),
        "is broken": ("feed", status(500, b"Traceback"), "500"),
        "says 304 unasked": ("feed", status(304, arxiv_feed("2611.66602")), "304"),
        # The body
        "is empty": ("feed", b"", "empty"),
        "is a web page": ("feed", b"<!doctype html><title>Log in</title><p>Please.", "HTML"),
        "is an address": ("feed", f"{server.url}/bait".encode(), "instead of a feed"),
        "is a path": ("feed", str(secret.with_name("feed.xml")).encode(), "instead of a feed"),
        "reads our files": ("feed", xxe(f"file://{secret}", f"{server.url}/bait"), "whose entity"),
        "laughs a billion times": ("feed", billion_laughs(), "whose entity"),
        "blows up quadratically": ("feed", blow_up(), "whose entity"),
        "has one word of 8 MB": ("feed", rss(item("x" * 8_000_000)), ""),
        "has 50,000 entries": (
            "feed",
            rss(*(f"<item><title>{n}</title></item>" for n in range(50_000))),
            "more than 5000 entries",
        ),
        "nests elements": ("feed", rss(item("Deep", "<a>" * 100_000)), READ_OR_GIVEN_UP),
        "nests div": ("feed", described("Div", "<div>" * 200_000), ""),
        "nests CSS": ("feed", described("CSS", f'<p style="{"url(" * 200_000}">'), ""),
        "opens comments": ("feed", described("Comments", "<!--" * 50_000), ""),
        "has an author of 100,000 letters": (
            "feed",
            rss(item("Author", f"<author>{'a' * 100_000}</author>")),
            "",
        ),
        "is UTF-16 and says UTF-8": ("feed", utf_16_called_utf_8(), ""),
        "links to javascript": ("feed", javascript(), ""),
        "is full of TeX": ("feed", full_of_tex(), ""),
        "has a link without end": (
            "feed",
            rss(item("Link", f"<link>http://a.example/{'a' * 1_500}</link>"), item("Neighbour")),
            "",
        ),
        "has a link that grows": (
            "feed",
            rss(item("Link", f"<link>http://a.example/?utm_a=b&amp;q={'ü' * 900}</link>")),
            "",
        ),
        "has a category without end": (
            "arxiv",
            arxiv_feed("2611.66610").replace(b"cs.CL<", b"cs." + b"A" * 1_000 + b"<"),
            "",
        ),
        "has a submitter without end": ("daily-papers", submitted_by("a" * 2_000), ""),
        "nests JSON": ("daily-papers", b"[" * 1_000_000, "instead of a list of papers"),
        "has a number of a million digits": (
            "daily-papers",
            b'[{"id": ' + b"9" * 1_000_000 + b"}]",
            "",
        ),
    }


# --- What is watched ---


class Watch:
    """How much memory each process of the worker ever took, and whether the site answers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        children = psutil.Process(site.process.pid).children()
        (self.worker,) = (it for it in children if "fetcher@%h" in it.cmdline())
        self.most_megabytes = 0.0
        self.most_of = ""
        self.slowest_page = 0.0

    @contextmanager
    def over_memory(self) -> Iterator[None]:
        done = threading.Event()

        def look_often() -> None:
            while not done.wait(0.1):
                self.look()

        thread = threading.Thread(target=look_often)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def look(self) -> None:
        for process in [self.worker, *self.worker.children(recursive=True)]:
            with suppress(psutil.Error, OSError):  # it has ended meanwhile
                if (peak := peak_megabytes(process)) > self.most_megabytes:
                    self.most_megabytes, self.most_of = peak, " ".join(process.cmdline())

    def until(self, happened: Callable[[], object], seconds: float) -> float:
        """Wait, reading the front page meanwhile as people do; the time it took."""
        began = time.monotonic()
        while not happened() and time.monotonic() - began < seconds:
            asked = time.monotonic()
            assert self.site.reader().get("/").status_code == 200
            self.slowest_page = max(self.slowest_page, time.monotonic() - asked)
            time.sleep(0.5)
        return time.monotonic() - began


def peak_megabytes(process: psutil.Process) -> float:
    """The most it ever had in memory, where the system tells; else what it has now."""
    with suppress(FileNotFoundError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float(process.memory_info().rss) / 2**20


def ended(site: Site, names: Collection[str]) -> dict[str, tuple[float, str]]:
    """Of each of these that was polled: how long it took, and what the operator reads."""
    rows = site.rows(
        "SELECT name, extract(epoch FROM finished_at - started_at), last_error"
        " FROM papers_poll poll JOIN papers_source source ON source.id = source_id"
        " WHERE finished_at IS NOT NULL AND name = ANY(%s)",
        list(names),
    )
    assert len(rows) == len({name for name, _, _ in rows}), "one was polled twice"
    return {name: (float(took), error) for name, took, error in rows}


def keys(site: Site) -> set[str]:
    return {key for (key,) in site.rows("SELECT key FROM papers_paper")}


def test_hostile_sources_say_why_and_healthy_ones_come_in(
    site: Site, server: Loopback, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    (tmp_path / "feed.xml").write_bytes(arxiv_feed("2611.66603"))
    bad = hostile(server, secret)
    sources = {}
    for name, (kind, deed, _) in bad.items():
        path = f"/{name.replace(' ', '-')}"
        if isinstance(deed, bytes):
            server.says(path, answer(200, deed))
        else:
            server.does[path] = deed
        sources[name] = (kind, server.url + path)
    wanted = set()
    for number in range(HEALTHY):  # by their names they stand behind all the others
        ids = [f"2611.{number:02}{n:03}" for n in range(1, 6)]
        url = server.says(f"/{number}", answer(200, arxiv_feed(*ids)))
        sources[f"well {number:02}"] = ("arxiv", url)
        wanted |= set(ids)
    watch = Watch(site)

    with watch.over_memory():
        add_sources(site, tmp_path, sources)
        healthy = watch.until(lambda: wanted <= keys(site), ALL_HEALTHY_AFTER)
        hostile_too = watch.until(lambda: ended(site, sources).keys() == sources.keys(), 60)

    polls = ended(site, sources)
    slowest = max(polls, key=lambda name: polls[name][0])
    print(f"all healthy feeds in after {healthy:.1f} s, all polls over {hostile_too:.1f} s later")
    print(f"slowest poll {polls[slowest][0]:.1f} s: {slowest}; page {watch.slowest_page:.2f} s")
    print(f"largest process {watch.most_megabytes:.0f} MB: {watch.most_of}")

    # Every one of them was polled, in time, and the healthy ones are in.
    assert not wanted - keys(site), f"papers are missing after {healthy:.0f} s"
    assert polls.keys() == sources.keys()
    assert polls[slowest][0] < MOST_SECONDS, f"{slowest}: {polls[slowest][0]:.1f} s"
    assert watch.most_megabytes < MOST_MEGABYTES, watch.most_of

    # Nothing was killed on the way: not the worker, not one of its processes.
    assert watch.worker.is_running()
    log = (site.data_dir / "log" / "fetcher.log").read_text()
    assert not [word for word in ("WorkerLost", "time limit", "exited with") if word in log], log
    assert watch.slowest_page < 10

    # Each says why, where the curator looks; and for those that do no harm, nothing.
    for name, (_, _, reason) in bad.items():
        error = polls[name][1]
        if reason is not READ_OR_GIVEN_UP or error:
            assert (reason in error and error) if reason else not error, f"{name}: {error!r}"
    desk = site.reader()
    password = (site.data_dir / "admin-password").read_text()
    desk.submit("/accounts/login/", login="admin@localhost", password=password)
    page = html.unescape(desk.get("/admin/papers/source/?all=").text)
    assert not [name for name, (_, error) in polls.items() if error not in page]

    # What came of them is a paper like any other: bounded, ours to show, and nobody's secret.
    assert server.at("/bait") == []
    assert not {"2611.66601", "2611.66602", "2611.66603"} & keys(site)
    stored = site.rows("SELECT * FROM papers_paper")
    assert SECRET not in str(stored)
    assert {"2611.66610", "2611.66611"} <= keys(site)
    assert "Neighbour" in str(stored)
    urls = "concat_ws(' ', abstract_url, pdf_url, code_url, project_url, journal_ref, extra::text)"
    assert site.rows(
        "SELECT max(length(title)) <= 2000, max(length(abstract)) <= 65536,"
        f" max(length(authors::text)) <= 2000, bool_or({urls} LIKE '%%javascript%%')"
        " FROM papers_paper WHERE %s = 1",
        1,
    ) == [(True, True, True, False)]
    assert "<script>alert" not in site.reader().get("/").text
