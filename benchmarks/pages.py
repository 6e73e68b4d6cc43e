"""Pages going out: the day page beside a bare view, signed in beside not, and what they weigh."""

import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from rich.console import Console
from rich.table import Table

from accounts.models import User
from benchmarks._records import records as arxiv_records
from papers.ingest import topic_rules
from papers.models import Paper
from papers.text import plain

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2025, 3, 14)
NOW = datetime(2025, 3, 14, 9, tzinfo=UTC)
PAGE = f"/papers/date/{DAY}"
ON_THE_DAY = 60
DAYS = 40
CONNECTIONS = 8

RATE_OF_BARE = 0.5
RATE_OF_BARE_304 = 0.7
MOST_QUERIES = 6
SIGNED_IN = 1.5  # times the page of who is not, both drawn anew
TEMPLATES_MS = 20
PAGE_KB = 60
STYLES_KB = 12

console = Console(width=110)


def run(quick: bool) -> bool:
    """Print the figures; whether every target is met."""
    reader = _fill()
    call_command("collectstatic", interactive=False, verbosity=0)
    drawn = _drawing(reader, rounds=10 if quick else 50)
    served = _serving(seconds=1 if quick else 3, rounds=2 if quick else 4)
    return drawn and served


def _fill() -> User:
    """Sixty papers on the day that is asked for, twenty on each before, and a reader's votes."""
    records = arxiv_records()
    papers: list[Paper] = []
    for number in range(DAYS):
        day = DAY - timedelta(days=number)
        for key, record in (next(records) for _ in range(ON_THE_DAY if number == 0 else 20)):
            paper = Paper(
                key=key,
                title=record["title"],
                title_text=plain(record["title"]),
                abstract=record["abstract"],
                abstract_text=plain(record["abstract"]),
                authors=record["authors"],
                categories=record["categories"],
                primary_category=record["categories"][0] if record["categories"] else "",
                pdf_url=f"https://arxiv.org/pdf/{key}",
                votes_brought=len(papers) * 7 % 90,
                listed_on=day,
                listed_at=NOW,
            )
            papers.append(paper)
    topic_rules.assign(Paper.objects.bulk_create(papers))
    reader = User.objects.create_user("reader@example.org", date_joined=NOW - timedelta(days=90))
    for paper in papers[:ON_THE_DAY:3]:
        paper.upvote(reader)
    return reader


def _verdict(name: str, met: bool) -> bool:
    console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}  {name}")
    return met


# --- Drawn anew, in this process ---


def _drawing(reader: User, rounds: int) -> bool:
    anonymous, signed_in = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    signed_in.force_login(reader)
    with _stopwatch() as spent:
        kinds: dict[str, list[dict[str, float]]] = {"anonymous": [], "signed in": []}
        fresh = count()  # an address that no cache has seen
        for _ in range(rounds + 2):  # the first two warm what a process remembers
            for name, client in (("anonymous", anonymous), ("signed in", signed_in)):
                spent.clear()
                started = time.perf_counter()
                answer = client.get(f"{PAGE}?draw={next(fresh)}")
                whole = time.perf_counter() - started
                assert answer.status_code == 200 and answer.content.count(b"<article") == ON_THE_DAY
                kinds[name].append({"whole": whole, **spent})
    middle = {
        name: {what: statistics.median(one[what] for one in found[2:]) for what in found[-1]}
        for name, found in kinds.items()
    }
    ratio = statistics.median(
        one["whole"] / other["whole"]
        for one, other in zip(kinds["signed in"][2:], kinds["anonymous"][2:], strict=True)
    )
    table = Table(title=f"The page of {ON_THE_DAY} papers, drawn anew (load {_load()})")
    for heading in ("", "queries", "SQL ms", "templates ms of CPU", "whole ms"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, found in middle.items():
        milliseconds = [f"{1_000 * found[what]:.1f}" for what in ("SQL", "templates", "whole")]
        table.add_row(name, f"{found['queries']:.0f}", *milliseconds)
    console.print(table)
    queries = middle["signed in"]["queries"]
    templates = 1_000 * middle["anonymous"]["templates"]
    return all(
        [
            _verdict(f"{queries:.0f} queries signed in (at most {MOST_QUERIES})", queries <= 6),
            _verdict(f"signed in {ratio:.2f} times (at most {SIGNED_IN})", ratio <= SIGNED_IN),
            _verdict(f"templates {templates:.1f} ms (below {TEMPLATES_MS})", templates < 20),
        ]
    )


@contextmanager
def _stopwatch() -> Iterator[dict[str, float]]:
    """Where the time of a page goes."""
    spent: dict[str, float] = {}

    def query(execute: Callable[..., Any], *given: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*given)
        finally:
            spent["SQL"] = spent.get("SQL", 0.0) + time.perf_counter() - started
            spent["queries"] = spent.get("queries", 0.0) + 1

    render = Template.render

    def timed(*given: Any, **named: Any) -> Any:
        started = time.thread_time()  # whoever else is busy on this machine
        try:
            return render(*given, **named)
        finally:
            spent["templates"] = spent.get("templates", 0.0) + time.thread_time() - started

    Template.render = timed  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(query):
            yield spent
    finally:
        Template.render = render  # type: ignore[method-assign]


# --- Served by the web server of production ---


def _serving(seconds: int, rounds: int) -> bool:
    with _server("config.settings") as ours:
        page = _get(ours, PAGE)
        weight, styles = _weights(ours, page)
        file = Path(settings.DATA_DIR) / "bare"
        file.write_bytes(page.content)
        with _server("benchmarks._bare", BARE_BODY=str(file)) as bare:
            assert _get(bare, "/").content == page.content
            rates: dict[str, list[float]] = {"page": [], "bare": [], "304": [], "bare 304": []}
            for _ in range(rounds):
                for name, port, path, etag in (
                    ("bare", bare, "/", ""),
                    ("page", ours, PAGE, ""),
                    ("bare 304", bare, "/", 'W/"bare"'),
                    ("304", ours, PAGE, page.etag),
                ):
                    assert _get(port, path, etag).status == (304 if etag else 200)
                    rates[name].append(_rate(f"http://127.0.0.1:{port}{path}", etag, seconds))
    table = Table(title=f"The same page, served {CONNECTIONS} at a time (load {_load()})")
    for heading in ("", "requests/s", "of bare"):
        table.add_column(heading, justify="right" if heading else "left")
    ratios = {}
    for name, against in (("page", "bare"), ("304", "bare 304")):
        pairs = zip(rates[name], rates[against], strict=True)
        ratios[name] = statistics.median(one / other for one, other in pairs)
        table.add_row(against, f"{statistics.median(rates[against]):,.0f}", "")
        table.add_row(name, f"{statistics.median(rates[name]):,.0f}", f"{ratios[name]:.2f}")
    console.print(table)
    whole, whole_304 = ratios["page"], ratios["304"]
    return all(
        [
            _verdict(f"page {whole:.2f} of bare (at least {RATE_OF_BARE})", whole >= RATE_OF_BARE),
            _verdict(
                f"304 {whole_304:.2f} of bare (at least {RATE_OF_BARE_304})",
                whole_304 >= RATE_OF_BARE_304,
            ),
            _verdict(f"{weight:.1f} kB with all it needs (below {PAGE_KB})", weight < PAGE_KB),
            _verdict(f"styles {styles:.1f} kB (below {STYLES_KB})", styles < STYLES_KB),
        ]
    )


@contextmanager
def _server(settings_module: str, **env: str) -> Iterator[int]:
    """Granian as `up` starts it, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    command += ["--blocking-threads", "8", "--backlog", "1024", "--log-level", "error"]
    given = os.environ | {"DJANGO_SETTINGS_MODULE": settings_module} | env
    process = subprocess.Popen(command, cwd=ROOT, env=given, start_new_session=True)
    try:
        _wait(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if _get(port, "/").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web server did not start")


class Answer:
    def __init__(self, response: HTTPResponse) -> None:
        self.status, self.content = response.status, response.read()
        self.etag = response.headers["ETag"] or ""
        self.packing = response.headers["Content-Encoding"] or ""


def _get(port: int, path: str, etag: str = "") -> Answer:
    link = HTTPConnection("127.0.0.1", port, timeout=20)
    link.request("GET", path, headers=_headers(etag))
    answer = Answer(link.getresponse())
    link.close()
    return answer


def _headers(etag: str) -> dict[str, str]:
    return {"Accept-Encoding": "br"} | ({"If-None-Match": etag} if etag else {})


def _rate(url: str, etag: str, seconds: int) -> float:
    """Requests a second: by wrk, where there is one, as threads of our own are slower than it."""
    if wrk := shutil.which("wrk"):
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        for name, value in _headers(etag).items():
            command += ["-H", f"{name}: {value}"]
        said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
        return float(re.search(r"Requests/sec: +([0-9.]+)", said)[1])  # type: ignore[index]
    done, until = [0] * CONNECTIONS, time.monotonic() + seconds
    host, _, path = url.removeprefix("http://").partition("/")

    def ask(number: int) -> None:
        link = HTTPConnection(host, timeout=20)
        while time.monotonic() < until:
            link.request("GET", f"/{path}", headers=_headers(etag))
            link.getresponse().read()
            done[number] += 1
        link.close()

    threads = [Thread(target=ask, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def _weights(port: int, page: Answer) -> tuple[float, float]:
    """Kilobytes over the wire: of the page with all that it asks for, and of its styles."""
    import brotli

    text = brotli.decompress(page.content).decode()
    linked = r'<(?:script[^>]* src|link rel="(?:stylesheet|icon|manifest)" href)="([^"]+)"'
    parts = {path: len(_get(port, path).content) for path in re.findall(linked, text)}
    table = Table(title="What the page weighs, packed")
    table.add_column("")
    table.add_column("bytes", justify="right")
    for name, size in {"the page": len(page.content), **parts}.items():
        table.add_row(name, f"{size:,}")
    console.print(table)
    styles = sum(size for path, size in parts.items() if ".css" in path)
    return (len(page.content) + sum(parts.values())) / 1_000, styles / 1_000


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())
