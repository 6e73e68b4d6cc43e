"""Whether what readers see has changed: one number, asked of the database once a second.

`papers_changes` moves with every statement that writes a paper, a vote or a topic, also one typed
by hand into psql. Nobody has to remember to empty a cache, and a lost cache forgets nothing.
"""

import time
from typing import NamedTuple

from django.db import connection

BELIEVED = 1.0  # seconds for which a process does not ask again
UNSETTLED = 2.0  # seconds for which a page is kept that was made while somebody was writing

# The number is read before the lock is tried. Where the lock is free, all who moved the number
# have committed, so that what is read next is no older than the number.
QUESTION = """
SELECT last_value, pg_try_advisory_xact_lock('papers_changes'::regclass::oid::bigint)
  FROM papers_changes
"""


class Seen(NamedTuple):
    at: float
    mark: str
    before: str  # the mark until then, if it was true a moment ago


_seen = Seen(float("-inf"), "", "")


def seen() -> Seen | None:
    """What this process knows of the last change; nothing within a transaction, which sees less."""
    global _seen
    if connection.in_atomic_block:
        return None
    now = time.monotonic()
    if now - _seen.at >= BELIEVED:
        mark = _mark()
        lately = now - _seen.at < 2 * BELIEVED
        _seen = Seen(now, mark, _seen.mark if lately and mark != _seen.mark else "")
    return _seen


def forget() -> None:
    """Ask anew at the next page: for who has just written, and reads at once."""
    global _seen
    _seen = Seen(float("-inf"), "", "")


def _mark() -> str:
    with connection.cursor() as cursor:
        cursor.execute(QUESTION)
        number, settled = cursor.fetchone() or (0, False)
    return f"{number}" if settled else f"{number}+{time.time() // UNSETTLED:.0f}"
