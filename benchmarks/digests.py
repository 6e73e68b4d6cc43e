"""Digests going out, beside a loop that sends the same ready-made bytes; and finding the due."""

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from papers.models import Paper, PaperTopic, Topic
from subscriptions.issues.candidates import Candidates
from subscriptions.issues.digests import select_papers
from subscriptions.models import Delivery, Issue, Subscriber, Subscription
from subscriptions.sending import emails

ROOT = Path(__file__).resolve().parents[1]
WORKERS, CONNECTIONS = 2, 4  # each worker's
FILTERS = 10
REPLY = 0.020  # seconds of a relay that is not next door
REPLIES = 4  # to MAIL, RCPT, DATA and the dot

RATE_OF_LOOP = 0.2
RATE_OF_CONNECTIONS = 0.7
MOST_MEGABYTES = 250
MOST_MILLISECONDS = 100

console = Console(width=110)


def run(quick: bool) -> bool:
    """Print what was measured; whether every target is met."""
    at_once = _at_once(2_000 if quick else 10_000)
    far_away = _far_away(500 if quick else 2_000)
    due = _finding_the_due(100_000 if quick else 1_000_000)
    return at_once and far_away and due


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def _verdict(name: str, met: bool) -> bool:
    console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}  {name}")
    return met


# --- Through a relay that answers at once ---


def _at_once(subscribers: int) -> bool:
    with _sink(0) as port:
        _audience(subscribers)
        letters = _letters()
        loop = _loop(letters, port)
        workers = _workers(port)
    ours = _rate(workers)
    table = Table("through a sink that answers at once", "mails a second", "MB")
    size = sum(map(len, letters)) / len(letters) / 1000
    table.add_row(
        f"a loop over {WORKERS * CONNECTIONS} connections, {size:.0f} kB each", f"{loop:,.0f}"
    )
    heaviest = max(worker["megabytes"] for worker in workers)
    table.add_row(f"ours, {WORKERS} workers × {CONNECTIONS}", f"{ours:,.0f}", f"{heaviest:.0f}")
    console.print(table, f"load {_load()}")
    met = _verdict(
        f"{ours / loop:.2f} of the loop (at least {RATE_OF_LOOP})", ours >= RATE_OF_LOOP * loop
    )
    return _verdict(f"a worker under {MOST_MEGABYTES} MB", heaviest < MOST_MEGABYTES) and met


def _far_away(subscribers: int) -> bool:
    with _sink(REPLY) as port:
        _audience(subscribers)
        allowed = _loop(_letters(), port)
        workers = _workers(port)
    ours, computed = _rate(workers), WORKERS * CONNECTIONS / (REPLIES * REPLY)
    table = Table(f"a relay with {REPLY * 1000:.0f} ms a reply", "mails a second", "ours of that")
    connections = f"{WORKERS * CONNECTIONS} connections"
    table.add_row(
        f"{connections} if a reply took no more", f"{computed:.0f}", f"{ours / computed:.2f}"
    )
    table.add_row(f"a loop over {connections}", f"{allowed:.0f}", f"{ours / allowed:.2f}")
    table.add_row("ours", f"{ours:.0f}", "")
    console.print(table, f"load {_load()}")
    met = ours >= RATE_OF_CONNECTIONS * computed
    return _verdict(f"{ours / computed:.2f} of that (at least {RATE_OF_CONNECTIONS})", met)


@contextmanager
def _sink(wait: float) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks._sink", str(wait)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def _workers(port: int, *options: str) -> list[dict[str, Any]]:
    """What each of two workers did, that began together when both were ready."""
    env = os.environ | {
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONNECTIONS": str(CONNECTIONS),
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "benchmarks._send", *options]
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=env, **pipe)  # type: ignore[call-overload]
        for _ in range(WORKERS)
    ]
    time.sleep(4)  # to start Python and Django is not what is measured
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [json.loads(process.stdout.readline()) for process in processes]
    for process in processes:
        process.communicate()
    return said


def _rate(workers: Sequence[dict[str, Any]]) -> float:
    sent = sum(worker["account"].get("sent", 0) for worker in workers)
    assert sent == Subscriber.objects.count() == Delivery.objects.filter(state="sent").count()
    return sent / max(float(worker["seconds"]) for worker in workers)


def _loop(letters: Sequence[bytes], port: int) -> float:
    """The least that sending takes: ready-made bytes over open connections, nothing kept."""
    number = WORKERS * CONNECTIONS
    connections = [smtplib.SMTP("127.0.0.1", port) for _ in range(number)]

    def carry(connection: smtplib.SMTP, share: Sequence[bytes]) -> None:
        for letter in share:
            connection.sendmail("papers@example.org", ["reader@example.org"], letter)

    # In two processes, as ours: one could not use both cores.
    began = time.monotonic()
    children = []
    for half in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            mine = range(half, number, WORKERS)
            threads = [
                Thread(target=carry, args=(connections[first], letters[first::number]))
                for first in mine
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    return len(letters) / (time.monotonic() - began)


# --- Who gets them ---


def _audience(subscribers: int) -> None:
    """All due now, each with one of ten orders."""
    for model in (Delivery, Issue, Subscriber, Paper):
        model.objects.all().delete()
    now = timezone.now()
    topics = list(Topic.objects.all()[:FILTERS])
    assert len(topics) == FILTERS
    papers = Paper.objects.bulk_create(
        [
            Paper(
                key=f"2611.{number:05}",
                title=f"On the {number}th way of counting things that others have counted before",
                title_text=f"On the {number}th way of counting things that others have counted",
                abstract="We count, and compare our counts with those of others. " * 15,
                abstract_text="We count, and compare our counts with those of others. " * 15,
                authors=[f"Ada Quill {number}" for number in range(7)],
                listed_on=now.date(),
            )
            for number in range(30 * FILTERS)
        ]
    )
    PaperTopic.objects.bulk_create(
        [
            PaperTopic(paper=paper, topic=topics[place % FILTERS])
            for place, paper in enumerate(papers)
        ]
    )
    made = Subscriber.objects.bulk_create(
        [
            Subscriber(
                address=f"reader{number}@example{number % 7}.org",
                confirmed_at=now,
                next_due_at=now,
                hour=now.hour,
            )
            for number in range(subscribers)
        ]
    )
    Subscription.objects.bulk_create(
        [
            Subscription(subscriber=subscriber, what="topic", topic=topics[place % FILTERS])
            for place, subscriber in enumerate(made)
        ]
    )


def _letters() -> list[bytes]:
    """The bytes of each of these mails, without keeping that they were composed."""
    day = timezone.localdate()
    issue = Issue(frequency="daily", period=str(day), first_day=day, last_day=day)
    candidates = Candidates(timezone.now())
    rendered: dict[object, Any] = {}
    letters = []
    orders = Subscription.objects.select_related("subscriber", "topic")
    for number, order in enumerate(orders, 1):
        if order.topic_id not in rendered:
            sections = candidates.sections(select_papers([order], candidates, set()))
            rendered[order.topic_id] = emails.digest_template(issue, sections, str(order))
        delivery = Delivery(pk=number, issue=issue, subscriber=order.subscriber)
        mail = emails.personal_digest(rendered[order.topic_id], delivery)
        letters.append(mail.as_wire_bytes())
    return letters


# --- A million, of whom few are due ---


def _finding_the_due(subscribers: int) -> bool:
    """The time does not grow with those who are not due."""
    due = subscribers // 100
    few, many = (_due_milliseconds(number, due) for number in (subscribers // 10, subscribers))
    table = Table(f"finding {due:,} due", "ms")
    table.add_row(f"among {subscribers // 10:,}", f"{few:.0f}")
    table.add_row(f"among {subscribers:,}", f"{many:.0f}")
    console.print(table, f"load {_load()}")
    met = _verdict(f"under {MOST_MILLISECONDS} ms", many < MOST_MILLISECONDS)
    return _verdict("not more among ten times as many", many < 2 * few + 5) and met


def _due_milliseconds(subscribers: int, due: int) -> float:
    Subscriber.objects.all().delete()
    columns = {field.column for field in Subscriber._meta.concrete_fields}
    values = {
        "address": "'reader' || n || '@example.org'",
        "time_zone": "'UTC'",
        "hour": "7",
        "confirmed_at": "now()",
        "next_due_at": f"now() + CASE WHEN n <= {due} THEN -1 ELSE n END * interval '1 hour'",
        "consent_text": "''",
        "consent_how": "''",
        "soft_bounces": "0",
        "token_version": "1",
        "created_at": "now()",
    }
    assert set(values) <= columns
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO subscriptions_subscriber ({', '.join(values)})"
            f" SELECT {', '.join(values.values())} FROM generate_series(1, {subscribers}) AS n"
        )
        cursor.execute("VACUUM ANALYZE subscriptions_subscriber")
    times, now = [], timezone.now()
    for _ in range(5):
        began = time.monotonic()
        found = len(Subscriber.objects.due(now).values_list("pk"))
        times.append(1000 * (time.monotonic() - began))
        assert found == due, found
    return min(times)
