"""One request at a time to arXiv's hosts, three seconds apart, over all workers and commands.

Their terms count the feeds, the API and OAI-PMH together, and all machines of one operator
(info.arxiv.org/help/api/tou.html).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

GAP = 3.0  # seconds
LOCK = 0x61725869760A  # "arXiv", as PostgreSQL's advisory locks have numbers for names


@contextmanager
def turn(url: str) -> Iterator[None]:
    """Wait for our turn at this address's host. A killed worker's lock goes with its session."""
    if urlsplit(url).hostname not in settings.ARXIV_HOSTS:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
        time.sleep(GAP)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
