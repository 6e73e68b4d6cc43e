"""One request at a time to arXiv's hosts, three seconds apart, over all workers and commands.

Their terms count the feeds, the API and OAI-PMH together, and all machines of one operator
(info.arxiv.org/help/api/tou.html). The lock goes with its session, so that a killed worker's is
free at once; the time stands in a row, so that the next one waits all the same. A worker never
queues for the lock: behind forty requests to arXiv, everybody else's feeds and mails would wait.
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

GAP = timedelta(seconds=3)
PATIENCE = timedelta(seconds=20)  # of a command; what is further off is left to a later run
LOCK = 0x61725869760A  # "arXiv", as PostgreSQL's advisory locks have numbers for names


class NotNow(Exception):
    """Another process is at arXiv's hosts, or they asked for patience; nothing was sent."""

    def __init__(self, wait: timedelta = timedelta()) -> None:
        super().__init__(f"arXiv is busy for {wait.total_seconds():.0f} s")
        self.wait = wait


@contextmanager
def turns(*, patient: bool = False) -> Iterator[Callable[[str], AbstractContextManager[None]]]:
    """What a fetch holds around each of its requests; the lock is kept from the first to the last.

    Who is not patient gets NotNow where others are at it; a command waits for them instead.
    """
    with ExitStack() as to_the_end:
        alone = False

        @contextmanager
        def turn(url: str) -> Iterator[None]:
            nonlocal alone
            if not counts(url):
                yield
                return
            if not alone:
                to_the_end.enter_context(_alone(patient))
                alone = True
            _wait(patient)
            try:
                yield
            finally:
                Turn.objects.after(GAP)

        yield turn


def counts(url: str) -> bool:
    """Whether this address is at one of the hosts that share the limit."""
    return urlsplit(url).hostname in settings.ARXIV_HOSTS


def hold_off(url: str, seconds: float) -> None:
    """They asked for patience (429 or 503 with Retry-After): all our sources there wait."""
    if counts(url):
        Turn.objects.after(timedelta(seconds=seconds))


@contextmanager
def _alone(patient: bool) -> Iterator[None]:
    with connection.cursor() as cursor:
        if patient:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise NotNow
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _wait(patient: bool) -> None:
    wait = Turn.objects.free_at() - timezone.now()
    if patient and wait > PATIENCE:
        raise FetchError("arXiv asked for patience", retry_after=wait.total_seconds())
    if not patient and wait > GAP:
        raise NotNow(wait)
    time.sleep(max(0.0, wait.total_seconds()))
    Turn.objects.after(GAP)  # in case we die on the way
