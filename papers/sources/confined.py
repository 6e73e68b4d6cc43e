"""Parsing where it can hurt nobody: a process of its own, with limits of time and of memory.

A body may be a bomb that no parser foresaw. Here it costs one attempt, and says which. What is
read comes in batches, so that the first are written while the next are being read.
"""

import pickle
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import IO, Any

from papers.sources import Found, Parsed, ParseError, gather, oai, parsers

SECONDS = 10.0
MEGABYTES = 1024
BATCH = 500  # entries
ROOT = Path(__file__).resolve().parents[2]


def read(kind: str, body: bytes) -> Iterator[Parsed]:
    """As `parsers.read`, in batches; what takes too long or too much is a ParseError as well."""
    return map(gather, _from_child(kind, body))


def parse_oai(body: bytes) -> oai.Page:
    (page,) = _from_child("oai", body)
    assert isinstance(page, oai.Page)
    return page


def _from_child(kind: str, body: bytes) -> Iterator[Any]:
    """What the child sends, one by one; its last word is how it ended."""
    with tempfile.TemporaryFile() as errors, _child(kind, errors) as child:
        assert child.stdin and child.stdout
        late = Timer(SECONDS, child.kill)
        late.start()
        try:
            with suppress(BrokenPipeError):  # it died before it read all; we shall see of what
                child.stdin.write(body)
                child.stdin.close()
            while (sent := _next(child.stdout)) is not None:
                if isinstance(sent, ParseError):
                    raise sent
                yield sent
            if code := child.wait():
                errors.seek(0)
                raise _why(code, errors.read().decode(errors="replace"), late.is_alive())
        finally:
            late.cancel()
            child.kill()


def _child(kind: str, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", __name__, kind, str(MEGABYTES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=ROOT,
    )


def _next(pipe: IO[bytes]) -> Any:
    try:
        return pickle.load(pipe)  # of our own making, some lines below
    except (EOFError, pickle.UnpicklingError):  # the end, or where it was killed
        return None


def _why(code: int, said: str, in_time: bool) -> Exception:
    if not in_time:
        return ParseError(f"takes longer than {SECONDS:.0f} s to read: given up")
    if "MemoryError" in said or code < 0:
        return ParseError(f"needs more than {MEGABYTES} MB of memory to read: given up")
    return RuntimeError(said.strip().rpartition("\n")[2])


# --- In the child ---


def _main(kind: str) -> None:
    limit = int(sys.argv[2]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        for part in _parts(kind, sys.stdin.buffer.read()):
            pickle.dump(part, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    except ParseError as error:
        pickle.dump(ParseError(str(error)), sys.stdout.buffer)


def _parts(kind: str, body: bytes) -> Iterable[oai.Page | list[Found]]:
    if kind == "oai":
        return [oai.parse(body)]
    found = parsers.read(kind, body)
    return iter(lambda: list(islice(found, BATCH)), [])


if __name__ == "__main__":
    _main(sys.argv[1])
