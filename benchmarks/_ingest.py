"""What the benchmarks of ingest share: tables to empty, a child process, a verdict."""

import json
import os
import subprocess
import sys

from django.db import connection, models
from rich.console import Console

from benchmarks._records import ROOT
from papers.models import Alias, EmbeddingJob, Paper, PaperSearch, PaperTopic

TABLES: tuple[type[models.Model], ...] = (Paper, PaperSearch, EmbeddingJob, Alias, PaperTopic)

console = Console(width=110)


def load_average() -> str:
    return " ".join(f"{minutes:.1f}" for minutes in os.getloadavg())


def print_verdict(name: str, met: bool) -> bool:
    console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}  {name}")
    return met


def run_alone(module: str, data: bytes) -> list[float]:
    """The figures printed by `benchmarks.MODULE`, run with `data` on its standard input."""
    run = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}"],
        input=data,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: list[float] = json.loads(run.stdout)
    return measured


def empty_tables() -> None:
    """Delete all papers; make empty copies of the tables, with generated columns and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE papers_paper CASCADE")
        for model in TABLES:
            table = model._meta.db_table
            cursor.execute(f"DROP TABLE IF EXISTS {table}_copy")
            cursor.execute(f"CREATE TABLE {table}_copy (LIKE {table} INCLUDING ALL)")


def settle() -> None:
    """Vacuum and checkpoint, so that a measurement does not pay for earlier writes."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
