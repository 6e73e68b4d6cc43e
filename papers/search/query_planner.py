"""PostgreSQL settings of a search, its time limit, and the planner's estimates of row counts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from psycopg.errors import QueryCanceled

SEARCH_TIMEOUT = "5s"  # then the page asks for a narrower search
SETTINGS = {
    "statement_timeout": SEARCH_TIMEOUT,
    "work_mem": "64MB",
    # Two more processes hardly shorten a statement of a tenth of a second, and on a busy machine
    # it waits for them: a common word among a million papers took 213 ms instead of 167.
    "max_parallel_workers_per_gather": "0",
}


class SearchTimeout(Exception):
    """A search took longer than SEARCH_TIMEOUT."""


@contextmanager
def search_settings() -> Iterator[None]:
    """Statements in the block run under SETTINGS. Raises SearchTimeout if one takes too long."""
    settings = ", ".join("set_config(%s, %s, true)" for _ in SETTINGS)
    values = [value for pair in SETTINGS.items() for value in pair]
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {settings}", values)
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTimeout from error
        raise


def estimated_count(rows: "QuerySet[Any]") -> int:
    """How many rows the planner expects of this queryset, without running it."""
    return estimated_rows(*rows.order_by().values("pk").query.sql_with_params())


def estimated_rows(sql: str, params: Sequence[Any]) -> int:
    """The same for SQL. Asking costs a third of a millisecond."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        rows: int = cursor.fetchone()[0][0]["Plan"]["Plan Rows"]
        return rows
