"""Whether what readers see has changed: one number, asked of the database now and then.

`papers_changes` moves with every statement that writes a paper, a vote or a topic, also one typed
by hand into psql. Nobody has to remember to empty a cache, and a lost cache forgets nothing.
"""

import time
from threading import Lock
from typing import NamedTuple

from django.db import connection

# Seconds for which a process does not ask again. More, and who reads the same page twice from two
# processes may see the new one first and the old one then.
BELIEVED = 0.05
LATELY = 1.0  # seconds for which the page before a change may be shown while the new one is drawn
UNSETTLED = 2.0  # seconds for which a page is kept that was made while somebody was writing

# The number is read before the lock is tried. Where the lock is free, all who moved the number
# have committed, so that what is read next is no older than the number.
QUESTION = """
SELECT last_value, pg_try_advisory_xact_lock('papers_changes'::regclass::oid::bigint)
  FROM papers_changes
"""


class Version(NamedTuple):
    at: float
    mark: str
    changed_at: float
    before: str  # the mark until the change, if that was lately


NOTHING = Version(float("-inf"), "", float("-inf"), "")
_seen = NOTHING
_asking = Lock()  # one thread asks, the others go by what was known


def current() -> Version | None:
    """What this process knows of the last change; nothing within a transaction, which sees less."""
    global _seen
    if connection.in_atomic_block:
        return None
    now, last = time.monotonic(), _seen
    if now - last.at >= BELIEVED and _asking.acquire(blocking=last is NOTHING):
        try:
            mark = _mark()
        finally:
            _asking.release()
        if mark != last.mark:
            _seen = Version(now, mark, now, last.mark if now - last.at < LATELY else "")
        else:
            before = last.before if now - last.changed_at < LATELY else ""
            _seen = Version(now, mark, last.changed_at, before)
    return _seen


def reset() -> None:
    """Ask anew at the next page: for who has just written, and reads at once."""
    global _seen
    _seen = NOTHING


def _mark() -> str:
    with connection.cursor() as cursor:
        for _ in range(2):  # as the lock may be held by another who asks
            cursor.execute(QUESTION)
            number, settled = cursor.fetchone() or (0, False)
            if settled:
                return f"{number}"
    return f"{number}+{time.time() // UNSETTLED:.0f}"
