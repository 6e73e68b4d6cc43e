"""Common table expressions: the parts of which the search statement is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Cte:
    """One `name AS (…)` of a WITH clause."""

    name: str
    sql: str
    params: tuple[Any, ...] = ()

    @classmethod
    def from_queryset(
        cls, name: str, rows: Any, condition: str = "TRUE", columns: str = "*"
    ) -> "Cte":
        """The rows of a queryset; PostgreSQL does not run it where `condition` (SQL) is false."""
        sql, params = rows.query.sql_with_params()
        return cls(name, f"SELECT {columns} FROM ({sql}) AS rows WHERE {condition}", params)


def with_clause(ctes: Sequence[Cte]) -> str:
    # Materialized, so that each runs at most once, and only if the one before left its condition.
    return ", ".join(f"{cte.name} AS MATERIALIZED ({cte.sql})" for cte in ctes)


def union(ctes: Sequence[Cte]) -> str:
    return " UNION ".join(f"SELECT * FROM {cte.name}" for cte in ctes)


def fewer_rows_than(limit: int, ctes: Sequence[Cte]) -> str:
    """The SQL condition that these expressions hold fewer rows together."""
    counts = " + ".join(f"(SELECT count(*) FROM {cte.name})" for cte in ctes)
    return f"{counts or 0} < {limit}"


def params_of(ctes: Sequence[Cte]) -> list[Any]:
    return [value for cte in ctes for value in cte.params]


def first_rows(rows: Any, limit: int) -> list[tuple[Any, ...]]:
    """At most so many rows of a queryset of a full-text search, by the index.

    With a plain LIMIT PostgreSQL hopes to meet them soon and reads the whole table, text by text.
    """
    sql, params = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED ({sql}) SELECT * FROM found LIMIT {limit}", params
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
