"""Reading in a process of its own, where it can hurt nobody and keeps nobody waiting.

A body may be a bomb that no parser foresaw. Here it costs one attempt, and says which, within
limits of time and memory. What is read comes in batches, so that PostgreSQL writes the first
while the next are being read.
"""

import pickle
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import IO, Any

from papers.sources import Found, Parsed, ParseError, files, gather, oai, parsers

SECONDS = 10.0
MEGABYTES = 1024
BATCH = 250  # entries of a body
ROOT = Path(__file__).resolve().parents[2]


def read(kind: str, body: bytes) -> Iterator[Parsed]:
    """As `parsers.read`, in batches; what takes too long or too much is a ParseError as well."""
    return map(gather, _from_child(kind, body))


def parse_oai(body: bytes) -> oai.Page:
    (page,) = _from_child("oai", body)
    assert isinstance(page, oai.Page)
    return page


def read_file(path: Path, day: date | None, size: int) -> Iterator[files.Stretch]:
    """As `files.read`; an operator's own file may take its time."""
    with path.open("rb") as file:
        yield from _from_child("file", file, path.name, day.isoformat() if day else "", str(size))


def _from_child(kind: str, given: bytes | IO[bytes], *words: str) -> Iterator[Any]:
    """What the child sends, one by one; its last word is how it ended. Only bodies are bounded."""
    late = Timer(SECONDS, lambda: child.kill())
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", __name__, kind, *(words or [str(MEGABYTES)])],
            stdin=subprocess.PIPE if isinstance(given, bytes) else given,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
        ) as child,
    ):
        try:
            if isinstance(given, bytes):
                late.start()
                _hand_over(given, child)
            while (sent := _next(child)) is not None:
                if isinstance(sent, ParseError):
                    raise sent
                yield sent
            if code := child.wait():
                errors.seek(0)
                killed_late = isinstance(given, bytes) and not late.is_alive()
                raise _why(code, errors.read().decode(errors="replace"), killed_late)
        finally:
            late.cancel()
            child.kill()


def _hand_over(body: bytes, child: "subprocess.Popen[bytes]") -> None:
    assert child.stdin
    with suppress(BrokenPipeError):  # it died before it read all; we shall see of what
        child.stdin.write(body)
        child.stdin.close()


def _next(child: "subprocess.Popen[bytes]") -> Any:
    assert child.stdout
    try:
        return pickle.load(child.stdout)  # of our own making, some lines below
    except (EOFError, pickle.UnpicklingError):  # the end, or where it was killed
        return None


def _why(code: int, said: str, killed_late: bool) -> Exception:
    if killed_late:
        return ParseError(f"takes longer than {SECONDS:.0f} s to read: given up")
    if "MemoryError" in said or code < 0:
        return ParseError(f"needs more than {MEGABYTES} MB of memory to read: given up")
    return RuntimeError(said.strip().rpartition("\n")[2])


# --- In the child ---


def _main(kind: str, *words: str) -> None:
    try:
        for part in _parts(kind, *words):
            pickle.dump(part, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    except BrokenPipeError:  # nobody listens any more
        return
    except (ParseError, OSError, EOFError) as error:  # the last two are about a file
        pickle.dump(ParseError(str(error)), sys.stdout.buffer)


def _parts(kind: str, *words: str) -> Iterable[oai.Page | files.Stretch | list[Found]]:
    if kind == "file":
        name, day, size = words
        at = date.fromisoformat(day) if day else None
        return files.read(sys.stdin.buffer, name, at, int(size))
    limit = int(words[0]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    body = sys.stdin.buffer.read()
    if kind == "oai":
        return [oai.parse(body)]
    found = parsers.read(kind, body)
    return iter(lambda: list(islice(found, BATCH)), [])


if __name__ == "__main__":
    _main(*sys.argv[1:])
