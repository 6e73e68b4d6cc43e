"""Inserts rows by COPY: in a third of the time of INSERT, under the same constraints."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from psycopg.types.json import Jsonb


def assign_keys(rows: Sequence[models.Model]) -> None:
    """Set primary keys from the table's own sequence, for rows that others will refer to."""
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


def copy_values(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of `model`; each is the values of the attributes `names`, in that order.

    Pass a generator: PostgreSQL works on the first rows while the next are being made.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:  # most polls write nothing new: spare them the COPY
        return
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    adapters = [_adapter(field) for field in fields]
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in chain([first], rows):
            copy.write_row([adapt(value) for adapt, value in zip(adapters, row, strict=True)])


def copy_objects(rows: Sequence[models.Model]) -> None:
    """Insert model instances with all their fields; `assign_keys` has set their keys."""
    if not rows:
        return
    names = [field.attname for field in rows[0]._meta.concrete_fields if not field.generated]
    copy_values(type(rows[0]), names, map(attrgetter(*names), rows))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _adapter(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """The function that turns a value of this field into what psycopg writes."""
    if isinstance(field, models.JSONField):
        return Jsonb
    return _array_literal if isinstance(field, ArrayField) else _unchanged


def _array_literal(texts: list[str]) -> str:
    """A PostgreSQL array literal; psycopg's own adapter takes seven times as long."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _unchanged(value: Any) -> Any:
    return value
