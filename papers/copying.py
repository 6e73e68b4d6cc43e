"""New rows by COPY: a third of the time that INSERT takes, with the same promises kept."""

from collections.abc import Callable, Iterable, Sequence
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


def copy_in(model: type[models.Model], rows: Iterable[models.Model], *, keyed: bool = True) -> None:
    """Write rows of one model; where they are not `keyed`, the table numbers them itself.

    PostgreSQL works on the first while the next are still being made, so leave that to `rows`.
    """
    meta = model._meta
    fields = [it for it in meta.concrete_fields if not it.generated and (keyed or it != meta.pk)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(meta.db_table)} ({columns}) FROM STDIN"
    names = [(field.attname, _written(field)) for field in fields]
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([written(getattr(row, name)) for name, written in names])
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
