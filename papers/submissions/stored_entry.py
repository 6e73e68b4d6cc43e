"""An entry as JSON, in which `RecordLookup` keeps it until the reader has decided."""

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from papers.sources import Entry

GIVEN = [field.name for field in fields(Entry) if field.init]  # the others follow from these
DAYS = ("announced_on", "listed_on")
MOMENTS = ("submitted_at", "updated_at")


def to_json(entry: Entry) -> dict[str, Any]:
    values = asdict(entry)
    return {
        name: values[name].isoformat() if isinstance(values[name], date) else values[name]
        for name in GIVEN
    }


def from_json(stored: dict[str, Any]) -> Entry:
    """The entry that `to_json` was given."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    values["identifiers"] = tuple(map(tuple, stored["identifiers"]))
    values |= {name: date.fromisoformat(stored[name]) for name in DAYS if stored[name]}
    values |= {name: datetime.fromisoformat(stored[name]) for name in MOMENTS if stored[name]}
    return Entry(**values)
