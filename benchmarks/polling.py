"""Many small sources: how long two workers take to poll 500 feeds of one entry each."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from django.utils import timezone

from benchmarks._feed_server import feed_server
from benchmarks._records import ROOT
from benchmarks._report import console, figure_table, print_verdicts
from papers import tasks
from papers.models import Paper, Poll, Source

SOURCES = 500
WORKERS = 2  # as `manage.py up` starts them
MAX_SECONDS = 120  # the target, on two cores that do nothing else
TIMEOUT_SECONDS = 1_200
PR_SET_CHILD_SUBREAPER = 36  # from Linux's sys/prctl.h

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>A laboratory</title><link>https://lab{number}.example.org/</link>
<item><title>On the {number}th thing, and what follows from $x^{{{number}}}$</title>
<link>https://lab{number}.example.org/papers/1</link>
<dc:creator>Ada Lovelace, Charles Babbage</dc:creator>
<description>&lt;p&gt;We show that the {number}th thing is like the last.&lt;/p&gt;</description>
<pubDate>Mon, 23 Nov 2026 05:00:00 GMT</pubDate>
</item></channel></rss>"""


def run(quick: bool) -> bool:
    """Print what a first poll of all sources takes; True if that is within the target."""
    count = 40 if quick else SOURCES
    _adopt_orphans()
    with feed_server(_feed_at) as url:
        _make_sources(url, count)
        with _fetch_worker() as worker:
            cpu_before, postgres_before = _cpu_seconds(), _postgres_cpu_seconds()
            seconds = _poll_all(worker, count)
            postgres_cpu = _postgres_cpu_seconds() - postgres_before
    cpu = _cpu_seconds() - cpu_before
    errors = Poll.objects.exclude(error="").count()
    assert not errors and Paper.objects.count() == count, f"{errors} polls with errors"
    table = figure_table(
        f"{count} sources of one entry each, {WORKERS} workers", "", "s", "ms for each source"
    )
    rows = {
        "from the first task to the last poll": seconds,
        "processor time of workers and parsers, their start and end included": cpu,
        "processor time of PostgreSQL": postgres_cpu,
    }
    for label, value in rows.items():
        table.add_row(label, f"{value:.1f}", f"{1000 * value / count:.0f}")
    console.print(table)
    target = MAX_SECONDS * count / SOURCES
    result = f"{count} sources in {seconds:.0f} s (at most {target:.0f})"
    return print_verdicts({result: seconds <= target})


def _feed_at(path: str) -> bytes:
    """The feed at /NUMBER."""
    return FEED.format(number=int(path.strip("/"))).encode()


def _make_sources(url: str, count: int) -> None:
    Source.objects.bulk_create(
        Source(
            name=f"laboratory {number}",
            kind=Source.Kind.FEED,
            url=f"{url}/{number}",
            next_poll_at=timezone.now(),
        )
        for number in range(count)
    )


def _poll_all(worker: "subprocess.Popen[bytes]", count: int) -> float:
    """Start a poll of each source; returns the seconds until all have ended."""
    started = time.monotonic()
    tasks.sweep()
    while (finished := Poll.objects.exclude(finished_at=None).count()) < count:
        if worker.poll() is not None or time.monotonic() - started > TIMEOUT_SECONDS:
            raise RuntimeError(f"only {finished} of {count} sources were polled")
        time.sleep(0.1)
    return time.monotonic() - started


@contextmanager
def _fetch_worker() -> Iterator["subprocess.Popen[bytes]"]:
    """Run the fetching worker of `manage.py up`; yields its process when it is ready for tasks."""
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker"),
        *("--without-mingle", "--without-gossip", "--hostname", "fetcher@%h"),
        *("--queues", "fetch", "--concurrency", str(WORKERS)),
    ]
    worker = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LOG_LEVEL": "WARNING"})
    try:
        while worker.poll() is None and len(psutil.Process(worker.pid).children()) < WORKERS:
            time.sleep(0.1)
        time.sleep(3)  # until its processes have imported what they need
        yield worker
    finally:
        worker.terminate()
        worker.wait()


def _adopt_orphans() -> None:
    """On Linux, become the parent of processes that outlive theirs, so that we count their time."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def _cpu_seconds() -> float:
    """Processor time of all child processes that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _postgres_cpu_seconds() -> float:
    """Processor time of this run's PostgreSQL: of its processes, also of those that have ended."""
    folder = os.environ["DATA_DIR"]
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if any(folder in part for part in command) and "postgres" in command[0]:
            times = [process.cpu_times(), *(child.cpu_times() for child in process.children())]
            ended = times[0].children_user + times[0].children_system
            return float(ended + sum(spent.user + spent.system for spent in times))
    return 0.0
