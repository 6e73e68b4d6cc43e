"""Reading in a process of its own, where it can hurt nobody and keeps nobody waiting.

A body may be a bomb that no parser foresaw. Here it costs one attempt, and says which, within
limits of time and memory. What is read comes in batches, so that PostgreSQL writes the first
while the next are being read.
"""

import pickle
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any

from papers.sources import Found, Parsed, ParseError, files, gather, oai, parsers
from papers.sources.feed import NotThisWay

SECONDS = 7.0  # of computing: what it waits for us or for others is not its fault
SECONDS_AGAIN = 4.0  # for a body that has to be read a second time
MEGABYTES = 1024
BATCH = 250  # entries of a body
ROOT = Path(__file__).resolve().parents[2]


def stream(kind: str, body: bytes) -> Iterator[Parsed]:
    """As `parsers.stream`, in batches; what takes too long or too much is a ParseError as well.

    NotThisWay only comes after the first batch: then all have to be undone, and `read` be asked.
    """
    return map(gather, _from_child("stream", body, kind, seconds=SECONDS))


def read(kind: str, body: bytes) -> Iterator[Parsed]:
    """As `parsers.read`, in batches."""
    return map(gather, _from_child("read", body, kind, seconds=SECONDS_AGAIN))


def parse_oai(body: bytes) -> oai.Page:
    (page,) = _from_child("oai", body, seconds=SECONDS)
    assert isinstance(page, oai.Page)
    return page


def read_file(path: Path, day: date | None, size: int) -> Iterator[files.Stretch]:
    """As `files.read`; an operator's own file may take its time."""
    with path.open("rb") as file:
        yield from _from_child("file", file, path.name, day.isoformat() if day else "", str(size))


def _from_child(
    deed: str, given: bytes | IO[bytes], *words: str, seconds: float = 0
) -> Iterator[Any]:
    """What the child sends, one by one; within so many seconds, unless that is 0."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", __name__, deed, f"{seconds} {MEGABYTES}", *words],
            stdin=subprocess.PIPE if isinstance(given, bytes) else given,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
        ) as child,
    ):
        try:
            if isinstance(given, bytes):
                _hand_over(given, child)
            while (sent := _next(child)) is not None:
                if isinstance(sent, Exception):
                    raise sent
                yield sent
            if code := child.wait():
                errors.seek(0)
                raise _why(code, errors.read().decode(errors="replace"), seconds)
        finally:
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


def _why(code: int, said: str, seconds: float) -> Exception:
    if code == -signal.SIGPROF:
        return ParseError(f"takes longer than {seconds:.0f} s to read: given up")
    if "MemoryError" in said or code < 0:
        return ParseError(f"needs more than {MEGABYTES} MB of memory to read: given up")
    return RuntimeError(said.strip().rpartition("\n")[2])


# --- In the child ---


def _main(deed: str, limits: str, *words: str) -> None:
    seconds, megabytes = map(float, limits.split())
    if seconds:
        size = int(megabytes * 1024 * 1024)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        signal.setitimer(signal.ITIMER_PROF, seconds)  # whose signal ends us
    try:
        for part in DEEDS[deed](*words):
            pickle.dump(part, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    except BrokenPipeError:  # nobody listens any more
        return
    except NotThisWay as error:
        pickle.dump(error, sys.stdout.buffer)
    except (ParseError, OSError, EOFError) as error:  # the last two are about a file
        pickle.dump(ParseError(str(error)), sys.stdout.buffer)


def _stream(kind: str) -> Iterator[list[Found]]:
    body = sys.stdin.buffer.read()
    sent = False
    try:
        for batch in _batches(parsers.stream(kind, body)):
            yield batch
            sent = True
    except NotThisWay:
        if sent:
            raise
        yield from _batches(parsers.read(kind, body))


def _read(kind: str) -> Iterator[list[Found]]:
    return _batches(parsers.read(kind, sys.stdin.buffer.read()))


def _oai() -> Iterator[oai.Page]:
    yield oai.parse(sys.stdin.buffer.read())


def _file(name: str, day: str, size: str) -> Iterator[files.Stretch]:
    at = date.fromisoformat(day) if day else None
    return files.read(sys.stdin.buffer, name, at, int(size))


def _batches(found: Iterator[Found]) -> Iterator[list[Found]]:
    return iter(lambda: list(islice(found, BATCH)), [])


DEEDS: dict[str, Callable[..., Iterator[Any]]] = {
    "stream": _stream,
    "read": _read,
    "oai": _oai,
    "file": _file,
}

if __name__ == "__main__":
    _main(*sys.argv[1:])
