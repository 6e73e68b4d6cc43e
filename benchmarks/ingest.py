"""Rates of ingest: polling a feed beside feedparser alone, an import beside a plain COPY."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, models

from benchmarks._feed_server import feed_server
from benchmarks._ingest import TABLES, empty_tables, run_in_process, settle
from benchmarks._records import ARXIV_METADATA, arxiv_rss, write_snapshot
from benchmarks._report import console, figure_table, load_average, print_verdicts
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
    medians = {name: statistics.median(seconds[name] for seconds in rounds) for name in rounds[0]}
    table = figure_table(
        f"One feed of {FEED_ENTRIES:,} entries, {len(body) / 1e6:.1f} MB",
        *("", "s", "entries/s", "of bare"),
    )
    labels = {
        "bare": "feedparser.parse, bare",
        "lean": "feedparser.parse, its sanitiser off",
        "polled": "polled, all new: parse to committed",
        "again": "polled again, nothing new",
    }
    for name, label in labels.items():
        seconds = medians.pop(name)
        ratio = _rate_of_bare(rounds, name)
        table.add_row(label, f"{seconds:.2f}", f"{FEED_ENTRIES / seconds:,.0f}", f"{ratio:.2f}")
    for name, seconds in medians.items():
        table.add_row(f"  of a poll: {name}", f"{seconds:.2f}", "", "", style="dim")
    console.print(table)
    ratio = _rate_of_bare(rounds, "polled")
    result = f"a poll at {ratio:.2f} of feedparser's rate (at least {MIN_RATE_OF_FEEDPARSER})"
    return print_verdicts({result: ratio >= MIN_RATE_OF_FEEDPARSER})


def _rate_of_bare(rounds: list[dict[str, float]], name: str) -> float:
    return statistics.median(seconds["bare"] / seconds[name] for seconds in rounds)


def _poll_rounds(body: bytes) -> list[dict[str, float]]:
    """The seconds of each step, by its name, round by round."""
    with feed_server(lambda path: body) as url, _stopwatch() as spent:
        source = Source.objects.create(name="benchmark", url=f"{url}/feed", next_poll_at=NOW)
        rounds: list[dict[str, float]] = []
        for _ in range(POLL_ROUNDS):
            empty_tables()
            settle()
            bare, lean = run_in_process("_feedparser", body)
            parsing = _seconds(lambda: parsers.parse("arxiv", body))
            spent.clear()
            polled = _seconds(lambda: _poll(source))
            steps = dict(spent) | {"parsing, alone": parsing}
            again = _seconds(lambda: _poll(source))
            rounds.append({"bare": bare, "lean": lean, "polled": polled, "again": again} | steps)
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
        (polling, "upsert", "upsert, these four included, while parsing"),
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


# --- An import ---


class _Import(NamedTuple):
    into: str  # "empty" or "full"
    size: int
    rate: float  # records/s
    copy_rate: float  # rows of papers/s of a plain COPY
    megabytes: float


def _measure_imports(small: int, large: int) -> bool:
    """Import each size into an empty database, then each into the full one that this leaves."""
    imports = _run_imports(small, large)
    ratio = min(run.rate / run.copy_rate for run in imports)
    megabytes = max(run.megabytes for run in imports)
    rates = {(run.into, run.size): run.rate for run in imports}
    slowed = min(rates[into, large] / rates[into, small] for into in ("empty", "full"))
    verdicts = {
        f"at least {ratio:.2f} of a COPY's rate (at least {MIN_RATE_OF_COPY})": (
            ratio >= MIN_RATE_OF_COPY
        ),
        f"at most {megabytes:.0f} MB (under {MAX_MEGABYTES})": megabytes < MAX_MEGABYTES,
        f"{large:,} records at {slowed:.2f} of the rate of {small:,}"
        f" (at least {MIN_RATE_WHEN_LARGE})": slowed >= MIN_RATE_WHEN_LARGE,
    }
    return print_verdicts(verdicts)


def _run_imports(small: int, large: int) -> list[_Import]:
    table = figure_table(
        "Imports of snapshot records",
        *("records", "into", "import/s", "COPY/s", "ratio", "peak MB", "load"),
    )
    imports: list[_Import] = []
    for into, size in [("empty", small), ("empty", large), ("full", small), ("full", large)]:
        if into == "empty":
            empty_tables()
        before = Paper.objects.count()
        seconds, megabytes = _import(size, skip=sum(run.size for run in imports))
        assert Paper.objects.count() == before + size
        run = _Import(into, size, size / seconds, size / _plain_copy(), megabytes)
        imports.append(run)
        table.add_row(
            *(f"{size:,}", f"{before:,} papers" if before else into),
            *(f"{run.rate:,.0f}", f"{run.copy_rate:,.0f}", f"{run.rate / run.copy_rate:.2f}"),
            *(f"{megabytes:.0f}", load_average()),
        )
    console.print(table)
    return imports


def _import(size: int, skip: int) -> tuple[float, float]:
    """Seconds and peak megabytes of an import in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.jsonl"
        write_snapshot(path, size, skip)
        settle()
        seconds, megabytes = run_in_process("_import", os.fsencode(path))
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
