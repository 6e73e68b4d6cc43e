"""Rates of ingest: a polled feed against feedparser alone, an import against a plain COPY."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection, models
from rich.table import Table

from benchmarks._ingest import (
    TABLES,
    console,
    empty_tables,
    load_average,
    print_verdict,
    run_alone,
    settle,
)
from benchmarks._records import ARXIV_METADATA, arxiv_rss, write_snapshot
from papers.ingest import polling, topic_rules, upsert
from papers.models import Paper, Source
from papers.sources import http, parsers

FEED_ENTRIES = 2_000  # arXiv cuts its feeds there
POLL_ROUNDS = 5
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)

# The targets
MIN_RATE_OF_FEEDPARSER = MIN_RATE_OF_COPY = 0.5
MAX_MEGABYTES = 300
MIN_RATE_WHEN_LARGE = 0.7  # of the rate of a small file


def run(quick: bool) -> bool:
    """Print both tables; True if every target is met."""
    console.print(f"Records: {'arXiv' if ARXIV_METADATA.exists() else 'samples'}, ids changed")
    polled = _measure_polling()
    imported = _measure_imports(*((2_000, 10_000) if quick else (10_000, 100_000)))
    return polled and imported


# --- One polled feed ---


def _measure_polling() -> bool:
    body = arxiv_rss(FEED_ENTRIES)
    rounds = _poll_rounds(body)
    medians = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    table = Table(
        title=f"One feed of {FEED_ENTRIES:,} entries, {len(body) / 1e6:.1f} MB"
        f" (load {load_average()})"
    )
    for heading in ("", "s", "entries/s", "of bare"):
        table.add_column(heading, justify="right" if heading else "left")
    labels = {
        "bare": "feedparser.parse, bare",
        "lean": "feedparser.parse, its sanitiser off",
        "polled": "polled, all new: parse to committed",
        "again": "polled again, nothing new",
    }
    for name, label in labels.items():
        seconds = medians.pop(name)
        ratio = statistics.median(one["bare"] / one[name] for one in rounds)
        table.add_row(label, f"{seconds:.2f}", f"{FEED_ENTRIES / seconds:,.0f}", f"{ratio:.2f}")
    for name, seconds in medians.items():
        table.add_row(f"  of a poll: {name}", f"{seconds:.2f}", "", "", style="dim")
    console.print(table)
    ratio = statistics.median(one["bare"] / one["polled"] for one in rounds)
    return print_verdict(
        f"a poll at {ratio:.2f} of feedparser's rate (at least {MIN_RATE_OF_FEEDPARSER})",
        ratio >= MIN_RATE_OF_FEEDPARSER,
    )


def _poll_rounds(body: bytes) -> list[dict[str, float]]:
    """The seconds of each step, by its name, round by round."""
    with _served(body) as url, _stopwatch() as spent:
        source = Source.objects.create(name="benchmark", url=url, next_poll_at=NOW)
        rounds: list[dict[str, float]] = []
        for _ in range(POLL_ROUNDS):
            empty_tables()
            settle()
            bare, lean = run_alone("_feedparser", body)
            reading = _seconds(lambda: parsers.parse("arxiv", body))
            spent.clear()
            polled = _seconds(lambda: _poll(source))
            first = dict(spent) | {"reading, alone": reading}
            again = _seconds(lambda: _poll(source))
            rounds.append({"bare": bare, "lean": lean, "polled": polled, "again": again} | first)
            assert Paper.objects.count() == FEED_ENTRIES
    return rounds


def _poll(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(next_poll_at=NOW, lease_until=None, etag="")
    source.refresh_from_db()
    poll = polling.poll(source, NOW + timedelta(seconds=1))
    assert poll is not None and poll.entries == FEED_ENTRIES, poll and poll.error


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def _stopwatch() -> Iterator[dict[str, float]]:
    """Yields the seconds that each step of a poll takes, by its name."""
    spent: dict[str, float] = {}
    steps: list[tuple[Any, str, str]] = [
        (http, "fetch", "fetch"),
        (upsert, "papers_by_name", "known names"),
        (upsert, "_new_paper", "new papers"),
        (upsert, "_insert", "write"),
        (topic_rules, "rows_of", "topics"),
        (polling, "upsert", "upsert, with these four, beside the reading"),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in steps]
    for module, name, label in steps:
        setattr(module, name, _timed(getattr(module, name), label, spent))
    try:
        yield spent
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def _timed(function: Callable[..., Any], label: str, spent: dict[str, float]) -> Any:
    @wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[label] = spent.get(label, 0.0) + time.perf_counter() - started

    return timed


@contextmanager
def _served(body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed"
    server.shutdown()
    server.server_close()


# --- An import ---


def _measure_imports(small: int, large: int) -> bool:
    """Import each size into an empty database, then each into the full one that this leaves."""
    table = Table(title=f"Imports of snapshot records (load {load_average()})")
    for heading in ("records", "into", "import/s", "COPY/s", "ratio", "peak MB", "load"):
        table.add_column(heading, justify="right")
    rates: dict[tuple[str, int], float] = {}
    ratios: list[float] = []
    peaks: list[float] = []
    done = 0
    for into, size in [("empty", small), ("empty", large), ("full", small), ("full", large)]:
        if into == "empty":
            empty_tables()
        before = Paper.objects.count()
        seconds, megabytes = _import(size, skip=done)
        done += size
        assert Paper.objects.count() == before + size
        rate, copied = size / seconds, size / _plain_copy()
        rates[into, size] = rate
        ratios.append(rate / copied)
        peaks.append(megabytes)
        into = f"{before:,} papers" if before else into
        table.add_row(
            *(f"{size:,}", into, f"{rate:,.0f}", f"{copied:,.0f}"),
            *(f"{rate / copied:.2f}", f"{megabytes:.0f}", load_average()),
        )
    console.print(table)
    slowed = min(rates[into, large] / rates[into, small] for into in ("empty", "full"))
    return all(
        [
            print_verdict(
                f"at least {min(ratios):.2f} of a COPY's rate (at least {MIN_RATE_OF_COPY})",
                min(ratios) >= MIN_RATE_OF_COPY,
            ),
            print_verdict(
                f"at most {max(peaks):.0f} MB (under {MAX_MEGABYTES})",
                max(peaks) < MAX_MEGABYTES,
            ),
            print_verdict(
                f"{large:,} records at {slowed:.2f} of the rate of {small:,}"
                f" (at least {MIN_RATE_WHEN_LARGE})",
                slowed >= MIN_RATE_WHEN_LARGE,
            ),
        ]
    )


def _import(size: int, skip: int) -> tuple[float, float]:
    """Seconds and peak megabytes of an import in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.jsonl"
        write_snapshot(path, size, skip)
        settle()
        seconds, megabytes = run_alone("_import", os.fsencode(path))
    return seconds, megabytes


def _plain_copy() -> float:
    """Seconds of a plain COPY of the rows that the copies of the tables do not have yet."""
    with connection.cursor() as cursor, tempfile.TemporaryDirectory() as folder:
        files = []
        for model in TABLES:
            table, columns, key = _columns(model)
            path = Path(folder) / table
            cursor.execute(f"SELECT coalesce(max({key}), 0) FROM {table}_copy")
            new = (
                f"SELECT {columns} FROM {table} WHERE {key} > {cursor.fetchone()[0]} ORDER BY {key}"
            )
            with path.open("wb") as file, cursor.cursor.copy(f"COPY ({new}) TO STDOUT") as copy:
                for block in copy:
                    file.write(block)
            files.append((f"COPY {table}_copy ({columns}) FROM STDIN", path))
        settle()
        started = time.perf_counter()
        for statement, path in files:
            with path.open("rb") as file, cursor.cursor.copy(statement) as copy:
                while block := file.read(1 << 18):
                    copy.write(block)
        return time.perf_counter() - started


def _columns(model: type[models.Model]) -> tuple[str, str, str]:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    names = ", ".join(f'"{field.column}"' for field in fields)
    return model._meta.db_table, names, str(model._meta.pk.column)
