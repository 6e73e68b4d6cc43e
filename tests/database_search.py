"""Searches a whole database, as one would search a dump."""

from collections.abc import Callable
from typing import Any

from django.db import connection


def rows(query: str, *params: object) -> list[tuple[Any, ...]]:
    """Of the database of this test; `Site.rows` are of the database of a site."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def columns_with(words: str, rows: Callable[..., list[tuple[Any, ...]]] = rows) -> list[str]:
    """The columns, as `table.column`, in any row of which these words can be read."""
    columns = rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND is_updatable = 'YES'"
    )
    searches = [
        f"""SELECT '{table}.{column}' FROM "{table}" WHERE "{column}"::text ILIKE %s"""
        for table, column in columns
    ]
    return [column for (column,) in rows(" UNION ".join(searches), *[f"%{words}%"] * len(searches))]
