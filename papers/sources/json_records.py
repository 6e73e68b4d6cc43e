"""Reads the records of a JSON file one by one, however they are wrapped, in bounded memory.

JSON lines, an array (on one line, one record a line, or indented), objects one after another, an
object around a list (`{"papers": […]}`), the tables of pandas; UTF-8, 16 or 32 with or without a
byte order mark. A broken record costs itself and not its neighbours.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any, NamedTuple

from papers.sources import clean

DETECTION_LINES = 10  # by which a file of one record a line is known
MAX_RECORD_CHARS = 10_000_000
MAX_TABLE_CHARS = 200_000_000  # of a table of pandas, which is one value
MAX_QUOTED_CHARS = 20_000  # of a broken record, for the file of rejected ones
CHUNK_CHARS = 1_000_000

WRAPPERS = ("papers", "data", "results", "records", "items", "entries", "articles")
OPENING = re.compile(rf'\s*(?:\{{\s*"(?:{"|".join(WRAPPERS)})"\s*:\s*)?\[')
CLOSING = re.compile(r"[\s,\]}]*")  # of a line on which a wrapping ends
BETWEEN = re.compile(r"[\s,\[\]]*")
NOT_UNICODE = re.compile("[\ud800-\udfff]")


class Record(NamedTuple):
    """One record, or the reason why it is none; its number is that of its line where it has one."""

    number: int
    text: str
    value: Any = None
    error: str = ""


def read(file: IO[bytes], encoding: str) -> Iterator[Record]:
    """Every record of the file, from where it stands."""
    text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="\n")
    try:
        for record in _values(text):
            if record.error:
                yield record
                continue
            for value in records_of(record.value):
                yield record if value is record.value else Record(record.number, "", value)
    finally:
        text.detach()  # else it would close the file


def _values(text: IO[str]) -> Iterator[Record]:
    head = [line for _ in range(DETECTION_LINES) if (line := text.readline(MAX_RECORD_CHARS))]
    if _has_one_record_a_line(head):
        return _from_lines(chain(head, iter(lambda: text.readline(MAX_RECORD_CHARS), "")))
    return _Values(text, "".join(head)).read()


def records_of(value: Any) -> list[Any]:
    """The records in a value: itself, those that it wraps, or the rows of a table of pandas."""
    if not isinstance(value, dict):
        return [value]
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list):  # orient="split"
        rows = (row if isinstance(row, list) else [] for row in data)
        return [dict(zip(map(str, columns), row, strict=False)) for row in rows]
    for key in WRAPPERS:
        if isinstance(value.get(key), list) and "title" not in value:
            return list(value[key])
    if isinstance(value.get("title"), dict | list):  # a column of titles
        return _rows(value)
    is_index = all(isinstance(row, dict) and "title" in row for row in value.values())
    if value and is_index and "paper" not in value:  # orient="index"
        return list(value.values())
    return [value]


def _rows(columns: dict[str, Any]) -> list[Any]:
    """The rows of `{"title": {"0": …, "1": …}, …}`, or of lists instead of the inner objects."""
    by_key = {
        name: column if isinstance(column, dict) else dict(enumerate(column))
        for name, column in columns.items()
        if isinstance(column, dict | list)
    }
    return [
        {name: column[key] for name, column in by_key.items() if key in column}
        for key in by_key["title"]
    ]


# --- One record a line ---


def _has_one_record_a_line(head: list[str]) -> bool:
    """Whether the first record, or one with its indentation, ends on its own line.

    A record on many lines may hold whole objects on one: they stand further in.
    """
    indentation = None
    for line in _without_opening(head):
        text = line.lstrip(" \t,")
        if not text.startswith("{"):
            continue
        own = len(line) - len(text)
        indentation = own if indentation is None else indentation
        if own == indentation and isinstance(_value_of_line(text.strip()), dict):
            return True
    return False


def _without_opening(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the bracket before the first record."""
    is_start = True
    for line in lines:
        opening = OPENING.match(line) if is_start else None
        is_start = is_start and not line.strip()
        yield line[opening.end() :] if opening else line


def _from_lines(lines: Iterable[str]) -> Iterator[Record]:
    is_wrapped = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if number == 1 and (opening := OPENING.match(line)):
            is_wrapped, text = True, line[opening.end() :].strip()
        text = text.lstrip(",").lstrip()
        if not text or (is_wrapped and CLOSING.fullmatch(text)):
            continue
        if is_wrapped and text.startswith("]"):  # `], "total": 2}`
            return
        value = _value_of_line(text)
        if isinstance(value, Exception):
            yield _broken(number, text, value)
        else:
            yield Record(number, text, value)


def _value_of_line(text: str) -> Any:
    """The value of a line, or the ValueError that says why it has none."""
    try:
        return _decoded(text)
    except ValueError as error:
        for end in (",", "]", "]}"):
            if text.endswith(end) and text[:1] in '{"':
                try:
                    return _decoded(text.removesuffix(end))
                except ValueError:
                    continue
        return error


def _decoded(text: str) -> Any:
    if not text.isascii() and NOT_UNICODE.search(text):
        raise ValueError("bytes that are not UTF-8")
    return clean.from_json(text)


def _broken(number: int, text: str, error: object) -> Record:
    quoted = text.encode(errors="surrogateescape").decode(errors="replace").strip()
    return Record(number, quoted[:MAX_QUOTED_CHARS], error=f"not JSON: {error}")


# --- Values one after another ---


class _Values:
    """A text of JSON values with white space, commas and brackets between them."""

    def __init__(self, text: IO[str], head: str) -> None:
        self.text, self.buffer = text, head
        self.position = 0
        self.is_complete = False  # all of the text is in the buffer
        opening = OPENING.match(head)
        self.is_wrapped = bool(opening and "{" in opening[0])
        if opening:
            self.position = opening.end()

    def read(self) -> Iterator[Record]:
        number = 0
        while self._skip_to_value():
            number += 1
            limit = MAX_TABLE_CHARS if number == 1 else MAX_RECORD_CHARS
            try:
                value, end = self._decode(limit)
            except ValueError as error:
                yield _broken(number, self._skip_broken(), error)
                continue
            yield Record(number, self.buffer[self.position : end][:MAX_QUOTED_CHARS], value)
            self.position = end

    def _skip_to_value(self) -> bool:
        """Whether there is another value; the position is then where it begins."""
        while True:
            between = BETWEEN.match(self.buffer, self.position)
            assert between  # of any length
            if self.is_wrapped and "]" in between[0]:
                return False
            if between.end() < len(self.buffer):
                self.position = between.end()
                return True
            if not self._read_more():
                return False

    def _decode(self, limit: int) -> tuple[Any, int]:
        """The value at the position, and where it ends; raises ValueError if it is broken."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.buffer, self.position)
                if end < len(self.buffer) or isinstance(value, dict | list | str):
                    self._check_unicode(end)
                    return value, end
                if not self._read_more():
                    return value, end
            except RecursionError:
                raise ValueError("nested too deeply") from None
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos >= len(self.buffer) - 10
                too_long = len(self.buffer) - self.position > limit
                if not is_cut or too_long or not self._read_more():
                    reason = "a record that is too long, or not closed" if too_long else error.msg
                    raise ValueError(reason) from None

    def _check_unicode(self, end: int) -> None:
        if not self.buffer.isascii() and NOT_UNICODE.search(self.buffer, self.position, end):
            raise ValueError("bytes that are not UTF-8")

    def _read_more(self) -> bool:
        """Read on, as much again as a value already takes; drop what is behind us."""
        line_start = max(self.buffer.rfind("\n", 0, self.position), self.position - 200, 0)
        kept = self.buffer[line_start:]
        more = self.text.read(max(CHUNK_CHARS, len(kept)))
        self.position -= line_start
        self.buffer = kept + more
        return bool(more)

    def _skip_broken(self) -> str:
        """Go to where the next record seems to begin; returns the start of what was skipped.

        That is the next line with a bracket at the same depth, or, where all stands on one line,
        the next bracket between two objects.
        """
        line_start = self.buffer.rfind("\n", 0, self.position) + 1
        before = self.buffer[line_start : self.position]
        is_on_own_line = not before.strip() and (line_start or not self.is_wrapped)
        next_record = re.compile(
            rf"\n{re.escape(before)}(?=\{{)" if is_on_own_line else r"\}\s*,?\s*(?=\{)"
        )
        skipped = self.buffer[self.position : self.position + MAX_QUOTED_CHARS]
        while True:
            if found := next_record.search(self.buffer, self.position + 1):
                self.position = found.end()
                return skipped
            self.position = max(self.position + 1, len(self.buffer) - 200)
            if not self._read_more():
                self.position = len(self.buffer)
                return skipped


DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits[:20]))
