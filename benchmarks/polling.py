"""Many small sources: how long two workers take to poll 500 feeds of one entry each."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from papers import tasks
from papers.models import Paper, Poll, Source

ROOT = Path(__file__).resolve().parents[1]
SOURCES = 500
WORKERS = 2  # as `manage.py up` starts them
TARGET_SECONDS = 120  # on two cores that do nothing else
GIVE_UP_SECONDS = 1_200
PR_SET_CHILD_SUBREAPER = 36

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>A laboratory</title><link>https://lab{number}.example.org/</link>
<item><title>On the {number}th thing, and what follows from $x^{{{number}}}$</title>
<link>https://lab{number}.example.org/papers/1</link>
<dc:creator>Ada Lovelace, Charles Babbage</dc:creator>
<description>&lt;p&gt;We show that the {number}th thing is like the last.&lt;/p&gt;</description>
<pubDate>Mon, 23 Nov 2026 05:00:00 GMT</pubDate>
</item></channel></rss>"""

console = Console(width=110)


def run(quick: bool) -> bool:
    """Print what a first poll of all sources takes; whether that is within the target."""
    count = 40 if quick else SOURCES
    _adopt_orphans()
    with _served() as address:
        Source.objects.bulk_create(
            Source(
                name=f"laboratory {number}",
                kind=Source.Kind.FEED,
                url=f"{address}/{number}",
                next_poll_at=timezone.now(),
            )
            for number in range(count)
        )
        with _worker() as worker:
            before, server_before = _cpu_seconds(), _postgres_cpu_seconds()
            started = time.monotonic()
            tasks.sweep()
            while (done := Poll.objects.exclude(finished_at=None).count()) < count:
                if worker.poll() is not None or time.monotonic() - started > GIVE_UP_SECONDS:
                    raise RuntimeError(f"only {done} of {count} sources were polled")
                time.sleep(0.1)
            wall = time.monotonic() - started
            server = _postgres_cpu_seconds() - server_before
    spent = _cpu_seconds() - before
    errors = Poll.objects.exclude(error="").count()
    assert not errors and Paper.objects.count() == count, f"{errors} polls with errors"
    _print_table(count, wall, spent, server)
    allowed = TARGET_SECONDS * count / SOURCES
    met = wall <= allowed
    verdict = "[green]met[/]" if met else "[red]missed[/]"
    console.print(f"{verdict}  {count} sources in {wall:.0f} s (at most {allowed:.0f})")
    return met


def _print_table(count: int, wall: float, spent: float, server: float) -> None:
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    table = Table(title=f"{count} sources of one entry each, {WORKERS} workers (load {load})")
    for heading in ("", "s", "ms for each source"):
        table.add_column(heading, justify="right" if heading else "left")
    rows = {
        "from the first task to the last poll": wall,
        "processor time of workers and parsers, their start and end included": spent,
        "processor time of PostgreSQL": server,
    }
    for words, seconds in rows.items():
        table.add_row(words, f"{seconds:.1f}", f"{1000 * seconds / count:.0f}")
    console.print(table)


@contextmanager
def _served() -> Iterator[str]:
    """The address of a server with a feed of one entry at /NUMBER."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = FEED.format(number=int(self.path.strip("/"))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def _worker() -> Iterator["subprocess.Popen[bytes]"]:
    """The fetching worker of `manage.py up`, ready for tasks; it has ended where this ends."""
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker"),
        *("--without-mingle", "--without-gossip", "--hostname", "fetcher@%h"),
        *("--queues", "fetch", "--concurrency", str(WORKERS)),
    ]
    worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LOG_LEVEL": "WARNING"})
    try:
        while worker.poll() is None and len(psutil.Process(worker.pid).children()) < WORKERS:
            time.sleep(0.1)
        time.sleep(3)  # its pool has to import what it needs
        yield worker
    finally:
        worker.terminate()
        worker.wait()


def _adopt_orphans() -> None:
    """On Linux: what outlives its parent becomes our child, so that its time is counted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _cpu_seconds() -> float:
    """Of all children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _postgres_cpu_seconds() -> float:
    """Of the PostgreSQL of this run: its processes, those that have ended included."""
    folder = os.environ["DATA_DIR"]
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if any(folder in part for part in command) and "postgres" in command[0]:
            times = [process.cpu_times(), *(one.cpu_times() for one in process.children())]
            ended = times[0].children_user + times[0].children_system
            return float(ended + sum(one.user + one.system for one in times))
    return 0.0
