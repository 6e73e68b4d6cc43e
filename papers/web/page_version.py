"""The number of the last change to anything that public pages show, read from the database.

The sequence `papers_changes` advances with every statement that writes a paper, a vote or a topic,
also one typed into psql. So no code has to empty a cache, and a lost cache forgets no change.
"""

import time
from threading import Lock
from typing import NamedTuple

from django.db import connection

# A process reads the number again after this many seconds. With more, a reader who loads a page
# twice from two processes may see the new one first and the old one then.
REREAD_SECONDS = 0.05
PREVIOUS_VALID_SECONDS = 1.0  # the page before a change may be shown while the new one is drawn
UNSETTLED_SECONDS = 2.0  # lifetime of a version read while somebody was writing

# The number is read before the lock is tried. Where the lock is free, all who advanced the number
# have committed, so that a page drawn after this query shows no state older than the number.
QUERY = """
SELECT last_value, pg_try_advisory_xact_lock('papers_changes'::regclass::oid::bigint)
  FROM papers_changes
"""


class Version(NamedTuple):
    read_at: float  # time.monotonic(), as changed_at
    mark: str  # equal marks: nothing has changed
    changed_at: float
    previous: str  # the mark before the change; empty if that is too long ago


UNREAD = Version(float("-inf"), "", float("-inf"), "")
_version = UNREAD
_reading = Lock()  # one thread reads, the others use what was known


def current() -> Version | None:
    """The version this process knows; None within a transaction, which may see an older state."""
    global _version
    if connection.in_atomic_block:
        return None
    now, last = time.monotonic(), _version
    if now - last.read_at >= REREAD_SECONDS and _reading.acquire(blocking=last is UNREAD):
        try:
            mark = _read_mark()
        finally:
            _reading.release()
        if mark != last.mark:
            is_recent = now - last.read_at < PREVIOUS_VALID_SECONDS
            _version = Version(now, mark, now, last.mark if is_recent else "")
        else:
            is_recent = now - last.changed_at < PREVIOUS_VALID_SECONDS
            _version = Version(now, mark, last.changed_at, last.previous if is_recent else "")
    return _version


def reset() -> None:
    """Read again at the next page: for tests, which write and read at once."""
    global _version
    _version = UNREAD


def _read_mark() -> str:
    with connection.cursor() as cursor:
        for _ in range(2):  # the lock may be held by another process that reads
            cursor.execute(QUERY)
            number, is_settled = cursor.fetchone() or (0, False)
            if is_settled:
                return f"{number}"
    return f"{number}+{time.time() // UNSETTLED_SECONDS:.0f}"
