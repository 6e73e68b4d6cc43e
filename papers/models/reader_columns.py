"""Columns that apps above papers add to the rows of a list, such as whether its reader saved it.

They come with the query of the rows, as a list of a reader who is signed in may take few queries.
"""

from collections.abc import Callable
from typing import Any

Columns = Callable[[Any], dict[str, Any]]  # of a reader; to be annotated to papers

_columns: list[Columns] = []


def register_reader_columns(columns: Columns) -> None:
    """To be called by `AppConfig.ready`."""
    _columns.append(columns)


def reader_columns(reader: Any) -> dict[str, Any]:
    """None for who is anonymous."""
    if not reader.is_authenticated:
        return {}
    return {name: column for columns in _columns for name, column in columns(reader).items()}
