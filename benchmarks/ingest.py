"""Papers coming in: one polled feed beside bare feedparser, an import beside a plain COPY."""

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, cycle, islice
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection, models
from rich.console import Console
from rich.table import Table

from papers.ingest import polling, topic_rules, upsert
from papers.models import Alias, EmbeddingJob, Paper, PaperSearch, PaperTopic, Source
from papers.sources import http, parsers

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "arxiv_metadata.jsonl.gz"
SAMPLES = ROOT / "papers" / "samples.jsonl"
ENTRIES = 2_000  # arXiv cuts its feeds there
ROUNDS = 5
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
TABLES: tuple[type[models.Model], ...] = (Paper, PaperSearch, EmbeddingJob, Alias, PaperTopic)

RATE_OF_FEEDPARSER = RATE_OF_COPY = 0.5
MOST_MEGABYTES = 300
RATE_WHEN_LARGE = 0.7  # of that of a small file

console = Console(width=110)


def run(quick: bool) -> bool:
    """Print both tables; whether every target is met."""
    console.print(f"Records: {'arXiv' if REAL.exists() else 'samples'}, ids changed")
    polled = _polling()
    imported = _importing(*((2_000, 10_000) if quick else (10_000, 100_000)))
    return polled and imported


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


def _verdict(name: str, met: bool) -> bool:
    console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}  {name}")
    return met


# --- Real records, as often as they are needed ---


def _records(skip: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Records for ever, each with an arXiv id that no other has."""
    path = REAL if REAL.exists() else SAMPLES
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    for number, record in islice(zip(count(), cycle(records)), skip, None):
        month, serial = divmod(number, 20_000)
        year, month = divmod(month, 12)
        yield f"{15 + year}{month + 1:02}.{serial + 1:05}", record


def _snapshot(path: Path, size: int, skip: int) -> None:
    """A file in the form of arXiv's public metadata snapshot."""
    with path.open("w", encoding="utf-8") as file:
        for identifier, record in islice(_records(skip), size):
            names = [name.rpartition(" ") for name in record["authors"]]
            doi = record.get("doi")
            row = {
                "id": identifier,
                "submitter": record["authors"][0] if record["authors"] else "",
                "authors": ", ".join(record["authors"]),
                "title": record["title"],
                "comments": record.get("comment"),
                "journal-ref": None,
                "doi": f"{doi.split()[0]}.{skip}" if doi else None,
                "report-no": None,
                "categories": " ".join(record["categories"]),
                "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
                "abstract": f"  {record['abstract']}\n",
                "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
                "update_date": "2008-11-26",
                "authors_parsed": [[last, first, ""] for first, _, last in names],
            }
            file.write(json.dumps(row) + "\n")


RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel>
<title>cs updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs</link>
<description>cs updates on the arXiv.org e-print archive.</description>
<pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>
<skipDays><day>Sunday</day><day>Saturday</day></skipDays>
{items}
</channel></rss>"""
ITEM = """<item>
  <title>{title}</title>
  <link>https://arxiv.org/abs/{id}</link>
  <description>arXiv:{id}v1 Announce Type: new \nAbstract: {abstract}</description>
  <guid isPermaLink="false">oai:arXiv.org:{id}v1</guid>
  {categories}
  <pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>
  <arxiv:announce_type>new</arxiv:announce_type>
  <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
  <dc:creator>{authors}</dc:creator>
</item>"""


def _feed(size: int) -> bytes:
    """A day of arXiv's RSS."""
    items = [
        ITEM.format(
            id=identifier,
            title=escape(record["title"], quote=False),
            abstract=escape(record["abstract"], quote=False),
            categories="\n  ".join(f"<category>{one}</category>" for one in record["categories"]),
            authors=escape(", ".join(record["authors"]), quote=False),
        )
        for identifier, record in islice(_records(), size)
    ]
    return RSS.format(items="\n".join(items)).encode()


# --- One polled feed ---


def _polling() -> bool:
    body = _feed(ENTRIES)
    with _served(body) as url, _stopwatch() as spent:
        source = Source.objects.create(name="benchmark", url=url, next_poll_at=NOW)
        rounds: list[dict[str, float]] = []
        for _ in range(ROUNDS):
            _empty()
            _settle()
            bare, lean = _alone("_feedparser", body)
            reading = _seconds(lambda: parsers.parse("arxiv", body))
            spent.clear()
            polled = _seconds(lambda: _poll(source))
            first = dict(spent) | {"reading, alone": reading}
            again = _seconds(lambda: _poll(source))
            rounds.append({"bare": bare, "lean": lean, "polled": polled, "again": again} | first)
            assert Paper.objects.count() == ENTRIES
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    table = Table(
        title=f"One feed of {ENTRIES:,} entries, {len(body) / 1e6:.1f} MB (load {_load()})"
    )
    for heading in ("", "s", "entries/s", "of bare"):
        table.add_column(heading, justify="right" if heading else "left")
    names = {
        "bare": "feedparser.parse, bare",
        "lean": "feedparser.parse, its sanitiser off",
        "polled": "polled, all new: parse to committed",
        "again": "polled again, nothing new",
    }
    for name, words in names.items():
        seconds = middle.pop(name)
        ratio = statistics.median(one["bare"] / one[name] for one in rounds)
        table.add_row(words, f"{seconds:.2f}", f"{ENTRIES / seconds:,.0f}", f"{ratio:.2f}")
    for name, seconds in middle.items():
        table.add_row(f"  of a poll: {name}", f"{seconds:.2f}", "", "", style="dim")
    console.print(table)
    ratio = statistics.median(one["bare"] / one["polled"] for one in rounds)
    return _verdict(
        f"a poll at {ratio:.2f} of feedparser's rate (at least {RATE_OF_FEEDPARSER})",
        ratio >= RATE_OF_FEEDPARSER,
    )


def _poll(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(next_poll_at=NOW, lease_until=None, etag="")
    source.refresh_from_db()
    attempt = polling.poll(source, NOW + timedelta(seconds=1))
    assert attempt is not None and attempt.entries == ENTRIES, attempt and attempt.error


def _seconds(deed: Callable[[], object]) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


@contextmanager
def _stopwatch() -> Iterator[dict[str, float]]:
    """Where the time of a poll goes, step by step."""
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
    for module, name, words in steps:
        setattr(module, name, _timed(getattr(module, name), words, spent))
    try:
        yield spent
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def _timed(function: Callable[..., Any], words: str, spent: dict[str, float]) -> Any:
    @wraps(function)
    def timed(*given: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            spent[words] = spent.get(words, 0.0) + time.perf_counter() - started

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


def _importing(small: int, large: int) -> bool:
    """Each size into an empty database, then each into the full one that this leaves."""
    table = Table(title=f"Imports of snapshot records (load {_load()})")
    for heading in ("records", "into", "import/s", "COPY/s", "ratio", "peak MB", "load"):
        table.add_column(heading, justify="right")
    rates: dict[tuple[str, int], float] = {}
    ratios: list[float] = []
    peaks: list[float] = []
    done = 0
    for into, size in [("empty", small), ("empty", large), ("full", small), ("full", large)]:
        if into == "empty":
            _empty()
        before = Paper.objects.count()
        seconds, megabytes = _import(size, skip=done)
        done += size
        assert Paper.objects.count() == before + size
        rate, copied = size / seconds, size / _copy()
        rates[into, size] = rate
        ratios.append(rate / copied)
        peaks.append(megabytes)
        into = f"{before:,} papers" if before else into
        table.add_row(
            *(f"{size:,}", into, f"{rate:,.0f}", f"{copied:,.0f}"),
            *(f"{rate / copied:.2f}", f"{megabytes:.0f}", _load()),
        )
    console.print(table)
    slowed = min(rates[into, large] / rates[into, small] for into in ("empty", "full"))
    return all(
        [
            _verdict(
                f"at least {min(ratios):.2f} of a COPY's rate (at least {RATE_OF_COPY})",
                min(ratios) >= RATE_OF_COPY,
            ),
            _verdict(
                f"at most {max(peaks):.0f} MB (under {MOST_MEGABYTES})",
                max(peaks) < MOST_MEGABYTES,
            ),
            _verdict(
                f"{large:,} records at {slowed:.2f} of the rate of {small:,}"
                f" (at least {RATE_WHEN_LARGE})",
                slowed >= RATE_WHEN_LARGE,
            ),
        ]
    )


def _import(size: int, skip: int) -> tuple[float, float]:
    """Seconds and megabytes of a process that does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "snapshot.jsonl"
        _snapshot(path, size, skip)
        _settle()
        seconds, megabytes = _alone("_import", os.fsencode(path))
    return seconds, megabytes


def _alone(module: str, given: bytes) -> list[float]:
    """What a process that does nothing else has measured."""
    run = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}"],
        input=given,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: list[float] = json.loads(run.stdout)
    return measured


def _copy() -> float:
    """Seconds that a plain COPY takes for the rows that the tables' copies lack."""
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
        _settle()
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


def _empty() -> None:
    """No papers; and copies of the tables, with their generated columns and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE papers_paper CASCADE")
        for model in TABLES:
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS {table}_copy")
            cursor.execute(f"CREATE TABLE {table}_copy (LIKE {table} INCLUDING ALL)")


def _settle() -> None:
    """Neither pays for what was written before it."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
