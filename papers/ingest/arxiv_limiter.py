"""Limits requests to arXiv's hosts to one at a time, three seconds apart, over all processes.

arXiv's terms count the feeds, the API and OAI-PMH together, and all machines of one operator
(info.arxiv.org/help/api/tou.html). The lock ends with its database session, so that a
killed worker's is free at once; the time of the next request is in a row (`Turn`), so that the next
process waits all the same. A worker never queues for the lock: behind forty requests to arXiv, the
feeds of all other hosts would wait too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from papers.models import Turn
from papers.sources.http import FetchError

REQUEST_GAP = timedelta(seconds=3)
MAX_COMMAND_WAIT = timedelta(seconds=20)  # a command leaves a longer wait to a later run
REQUEST_LOCK = 0x61725869760A  # "arXiv" in ASCII: PostgreSQL's advisory locks have numbers


class NotNow(Exception):
    """Another process is using arXiv's hosts, or they sent Retry-After; no request was sent."""

    def __init__(self, wait: timedelta = timedelta()) -> None:
        super().__init__(f"arXiv is busy for {wait.total_seconds():.0f} s")
        self.wait = wait


@contextmanager
def turns(*, patient: bool = False) -> Iterator[Callable[[str], AbstractContextManager[None]]]:
    """Yields `turn(url)`, a context manager to hold around each request of a fetch.

    The lock is kept from the first request to an arXiv host to the end of the fetch (redirects).
    Raises NotNow if another process holds it, unless `patient`: a command waits.
    """
    with ExitStack() as until_the_end:
        locked = False

        @contextmanager
        def turn(url: str) -> Iterator[None]:
            nonlocal locked
            if not counts(url):
                yield
                return
            if not locked:
                until_the_end.enter_context(_lock(patient))
                locked = True
            _wait(patient)
            try:
                yield
            finally:
                Turn.objects.postpone(REQUEST_GAP)

        yield turn


def counts(url: str) -> bool:
    """Whether this address is at one of the hosts that share the limit."""
    return urlsplit(url).hostname in settings.ARXIV_HOSTS


def hold_off(url: str, seconds: float) -> None:
    """Obey a Retry-After (429 or 503), in seconds: all our sources on arXiv's hosts wait."""
    if counts(url):
        Turn.objects.postpone(timedelta(seconds=seconds))


@contextmanager
def _lock(patient: bool) -> Iterator[None]:
    with connection.cursor() as cursor:
        if patient:
            cursor.execute("SELECT pg_advisory_lock(%s)", [REQUEST_LOCK])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [REQUEST_LOCK])
            if not cursor.fetchone()[0]:
                raise NotNow
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [REQUEST_LOCK])


def _wait(patient: bool) -> None:
    """Sleep until the next request is allowed, or raise where that is too long to sleep."""
    wait = Turn.objects.free_at() - timezone.now()
    if patient and wait > MAX_COMMAND_WAIT:
        raise FetchError("arXiv asked for patience", retry_after=wait.total_seconds())
    if not patient and wait > REQUEST_GAP:
        raise NotNow(wait)
    time.sleep(max(0.0, wait.total_seconds()))
    Turn.objects.postpone(REQUEST_GAP)  # in case this process dies during the request
