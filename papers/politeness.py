"""One request at a time to arXiv's hosts, three seconds apart, over all workers and commands.

Their terms count the feeds, the API and OAI-PMH together, and all machines of one operator
(info.arxiv.org/help/api/tou.html). The lock goes with its session, so that a killed worker's is
free at once; the time stands in a row, so that the next one waits all the same.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from papers.models import Turn
from papers.sources.http import FetchError

GAP = timedelta(seconds=3)
PATIENCE = timedelta(seconds=20)  # what is further off is left to a later poll
LOCK = 0x61725869760A  # "arXiv", as PostgreSQL's advisory locks have numbers for names


@contextmanager
def turn(url: str) -> Iterator[None]:
    """Wait for our turn at this address's host, and leave a gap behind us."""
    if not _counts(url):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        _wait()
        try:
            yield
        finally:
            Turn.objects.after(GAP)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def hold_off(url: str, seconds: float) -> None:
    """They asked for patience (429 or 503 with Retry-After): all our sources there wait."""
    if _counts(url):
        Turn.objects.after(timedelta(seconds=seconds))


def _wait() -> None:
    wait = Turn.objects.free_at() - timezone.now()
    if wait > PATIENCE:
        raise FetchError("arXiv asked for patience", retry_after=wait.total_seconds())
    time.sleep(max(0.0, wait.total_seconds()))
    Turn.objects.after(GAP)  # in case we die on the way


def _counts(url: str) -> bool:
    return urlsplit(url).hostname in settings.ARXIV_HOSTS
