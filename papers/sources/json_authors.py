"""Finds the authors of a JSON record: under which field, as a list, a text or objects."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from papers.sources import Entry, author_names, clean

AUTHOR_FIELDS = ("authors", "author", "author_list", "author_names", "creators", "creator")
SINGULAR_FIELDS = ("author", "creator")
AUTHOR_LIKE = re.compile("author|creator|writer|contributor|researcher|byline", re.IGNORECASE)
NAME_PARTS = (
    ("given", "first", "first_name", "firstname", "given_name", "forename"),
    ("family", "last", "last_name", "lastname", "family_name", "surname"),
)
# Texts without brackets within: nothing that could exhaust the interpreter's stack.
LIST_AS_TEXT = re.compile(r"[\[(]\s*['\"][^\[\]{}()]{0,100000}[\])]")


def names_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Names, from the first of the fields that has any."""
    for field in AUTHOR_FIELDS:
        value = listed(record.get(field))
        value = [value] if isinstance(value, dict) and field in SINGULAR_FIELDS else value
        if isinstance(value, str):
            names = author_names.split(value)
        else:
            people = value if isinstance(value, list) else []
            names = author_names.clean_names([_name(person) for person in people])
        if names:
            return names
    return ()


def _name(person: object) -> object:
    """A name, also of a person who is an object with a name, or with its parts."""
    if not isinstance(person, dict):
        return person
    whole = next((person[key] for key in ("name", "full_name", "fullname") if person.get(key)), "")
    parts = (next((person[k] for k in keys if person.get(k)), "") for keys in NAME_PARTS)
    return whole or " ".join(filter(None, map(clean.line, parts)))


def listed(value: object) -> object:
    """A list that a table wrote as text, "['Ann Quill', 'Ben Marsh']", as the list that it was."""
    if not isinstance(value, str) or not LIST_AS_TEXT.fullmatch(value.strip()):
        return value
    try:
        return list(ast.literal_eval(value.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return value


def unread_field(record: Mapping[str, Any], entry: Entry) -> str:
    """A field that looks as if it held authors, where none were found; else empty."""
    if entry.authors:
        return ""
    known = {"hidden_authors", "claimed_authors"}
    return next(
        (
            str(key)
            for key, value in record.items()
            if value and key not in known and AUTHOR_LIKE.search(str(key))
        ),
        "",
    )
