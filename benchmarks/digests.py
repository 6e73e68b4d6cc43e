"""Digests: mails/s beside a loop that sends ready-made mails; the time to find who is due."""

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any

from django.utils import timezone

from benchmarks._digests import compose_mails, make_due_subscribers, make_many_subscribers
from benchmarks._records import ROOT
from benchmarks._report import console, figure_table, print_verdicts
from subscriptions.models import Delivery, Subscriber

WORKERS = 2
CONNECTIONS = 4  # of each worker
ALL_CONNECTIONS = WORKERS * CONNECTIONS
START_SECONDS = 4  # for the workers to load Python and Django
REPLY_SECONDS = 0.020  # of a relay in another network
REPLIES_PER_MAIL = 4  # to MAIL, RCPT, DATA and the end of the message

# The targets
MIN_RATE_OF_LOOP = 0.2
MIN_RATE_OF_CONNECTIONS = 0.7
MAX_MEGABYTES = 250
MAX_DUE_MILLISECONDS = 100


def run(quick: bool) -> bool:
    """Print the figures; True if every target is met."""
    fast = _measure_fast_relay(2_000 if quick else 10_000)
    slow = _measure_slow_relay(500 if quick else 2_000)
    due = _measure_finding_due(100_000 if quick else 1_000_000)
    return fast and slow and due


# --- Sending through a relay that replies at once, and through one that takes 20 ms ---


def _measure_fast_relay(subscribers: int) -> bool:
    with _relay(0) as port:
        make_due_subscribers(subscribers)
        mails = compose_mails()
        loop_rate = _loop_rate(mails, port)
        workers = _run_workers(port)
    rate = _sending_rate(workers)
    megabytes = max(worker["megabytes"] for worker in workers)
    kilobytes = sum(map(len, mails)) / len(mails) / 1000
    table = figure_table("A relay that replies at once", "", "mails/s", "MB")
    table.add_row(
        f"a loop over {ALL_CONNECTIONS} connections, {kilobytes:.0f} kB each", f"{loop_rate:,.0f}"
    )
    table.add_row(f"ours, {WORKERS} workers × {CONNECTIONS}", f"{rate:,.0f}", f"{megabytes:.0f}")
    console.print(table)
    ratio = rate / loop_rate
    return print_verdicts(
        {
            f"{ratio:.2f} of the loop (at least {MIN_RATE_OF_LOOP})": ratio >= MIN_RATE_OF_LOOP,
            f"a worker under {MAX_MEGABYTES} MB": megabytes < MAX_MEGABYTES,
        }
    )


def _measure_slow_relay(subscribers: int) -> bool:
    with _relay(REPLY_SECONDS) as port:
        make_due_subscribers(subscribers)
        loop_rate = _loop_rate(compose_mails(), port)
        workers = _run_workers(port)
    rate = _sending_rate(workers)
    limit = ALL_CONNECTIONS / (REPLIES_PER_MAIL * REPLY_SECONDS)
    table = figure_table(
        f"A relay that replies after {REPLY_SECONDS * 1000:.0f} ms", "", "mails/s", "ours of that"
    )
    connections = f"{ALL_CONNECTIONS} connections"
    table.add_row(
        f"{connections}, if only replies took time", f"{limit:.0f}", f"{rate / limit:.2f}"
    )
    table.add_row(f"a loop over {connections}", f"{loop_rate:.0f}", f"{rate / loop_rate:.2f}")
    table.add_row("ours", f"{rate:.0f}", "")
    console.print(table)
    result = f"{rate / limit:.2f} of what connections allow (at least {MIN_RATE_OF_CONNECTIONS})"
    return print_verdicts({result: rate >= MIN_RATE_OF_CONNECTIONS * limit})


@contextmanager
def _relay(reply_seconds: float) -> Iterator[int]:
    """Run an SMTP server that drops its mails; yields its port."""
    command = [sys.executable, "-m", "benchmarks._sink", str(reply_seconds)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def _run_workers(port: int) -> list[dict[str, Any]]:
    """Send all that is due with WORKERS workers that start together; what each of them prints."""
    env = os.environ | {
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONNECTIONS": str(CONNECTIONS),
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "benchmarks._send"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=env, **pipes)  # type: ignore[call-overload]
        for _ in range(WORKERS)
    ]
    time.sleep(START_SECONDS)
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [json.loads(process.stdout.readline()) for process in processes]
    for process in processes:
        process.communicate()
    return results


def _sending_rate(workers: Sequence[dict[str, Any]]) -> float:
    """Mails/s of all workers together, until the last has ended."""
    sent: int = sum(worker["account"].get("sent", 0) for worker in workers)
    assert sent == Subscriber.objects.count() == Delivery.objects.filter(state="sent").count()
    return sent / max(float(worker["seconds"]) for worker in workers)


def _loop_rate(mails: Sequence[bytes], port: int) -> float:
    """Mails/s of the least work that sends them: over open connections, nothing recorded."""
    connections = [smtplib.SMTP("127.0.0.1", port) for _ in range(ALL_CONNECTIONS)]
    started = time.monotonic()
    children = []
    for first in range(WORKERS):  # as many processes as ours: one cannot use both cores
        pid = os.fork()
        if pid == 0:
            _send_over(connections, range(first, ALL_CONNECTIONS, WORKERS), mails)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return len(mails) / (time.monotonic() - started)


def _send_over(
    connections: Sequence[smtplib.SMTP], numbers: Sequence[int], mails: Sequence[bytes]
) -> None:
    """Send, over each of these connections in a thread, every mail whose turn it is."""

    def send(connection: smtplib.SMTP, share: Sequence[bytes]) -> None:
        for mail in share:
            connection.sendmail("papers@example.org", ["reader@example.org"], mail)

    threads = [
        Thread(target=send, args=(connections[number], mails[number :: len(connections)]))
        for number in numbers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- Finding who is due among many who are not ---


def _measure_finding_due(subscribers: int) -> bool:
    """The time must not grow with the number of those who are not due."""
    due = subscribers // 100
    among_fewer = _find_due_milliseconds(subscribers // 10, due)
    among_all = _find_due_milliseconds(subscribers, due)
    table = figure_table(f"Finding {due:,} due", "", "ms")
    table.add_row(f"among {subscribers // 10:,}", f"{among_fewer:.0f}")
    table.add_row(f"among {subscribers:,}", f"{among_all:.0f}")
    console.print(table)
    return print_verdicts(
        {
            f"under {MAX_DUE_MILLISECONDS} ms": among_all < MAX_DUE_MILLISECONDS,
            "not more among ten times as many": among_all < 2 * among_fewer + 5,
        }
    )


def _find_due_milliseconds(subscribers: int, due: int) -> float:
    """The fastest of five queries."""
    make_many_subscribers(subscribers, due)
    times, now = [], timezone.now()
    for _ in range(5):
        started = time.monotonic()
        found = len(Subscriber.objects.due(now).values_list("pk"))
        times.append(1000 * (time.monotonic() - started))
        assert found == due, found
    return min(times)
