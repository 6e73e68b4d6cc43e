"""For the ingest benchmark: empty tables and copies of them, modules run in their own process."""

import json
import subprocess
import sys

from django.db import connection, models

from benchmarks._records import ROOT
from papers.models import Alias, EmbeddingJob, Paper, PaperSearch, PaperTopic

TABLES: tuple[type[models.Model], ...] = (Paper, PaperSearch, EmbeddingJob, Alias, PaperTopic)


def run_in_process(module: str, data: bytes) -> list[float]:
    """The figures printed by `benchmarks.MODULE`, run with `data` on its standard input."""
    process = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}"],
        input=data,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: list[float] = json.loads(process.stdout)
    return figures


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
