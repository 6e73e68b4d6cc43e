"""Parsing where it can hurt nobody: a process of its own, with limits of time and of memory.

A body may be a bomb that no parser foresaw. Here it costs one attempt, and says which.
"""

import pickle
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from papers.sources import Parsed, ParseError, oai, parsers

SECONDS = 12.0
MEGABYTES = 1024
SAID_NO = 3  # exit status of a parser that gave its reason on standard output
ROOT = Path(__file__).resolve().parents[2]


def parse(kind: str, body: bytes) -> Parsed:
    """As `parsers.parse`; what takes too long or too much is a ParseError as well."""
    parsed: Parsed = _confined(kind, body)
    return parsed


def parse_oai(body: bytes) -> oai.Page:
    page: oai.Page = _confined("oai", body)
    return page


def _confined(kind: str, body: bytes) -> Any:
    try:
        run = subprocess.run(
            [sys.executable, "-m", __name__, kind, str(MEGABYTES)],
            input=body,
            capture_output=True,
            cwd=ROOT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ParseError(f"takes longer than {SECONDS:.0f} s to read: given up") from None
    if run.returncode == SAID_NO:
        raise ParseError(run.stdout.decode())
    if b"MemoryError" in run.stderr or run.returncode < 0:
        raise ParseError(f"needs more than {MEGABYTES} MB of memory to read: given up")
    if run.returncode:
        raise RuntimeError(run.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    return pickle.loads(run.stdout)  # of our own making, some lines below


def _main(kind: str) -> int:
    limit = int(sys.argv[2]) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        body = sys.stdin.buffer.read()
        parsed = oai.parse(body) if kind == "oai" else parsers.parse(kind, body)
    except ParseError as error:
        sys.stdout.write(str(error))
        return SAID_NO
    sys.stdout.buffer.write(pickle.dumps(parsed))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
