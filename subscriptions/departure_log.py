"""A file beside the database of who left, for a database that is restored from an older copy.

Each line has a time, what happened, and a keyed hash of the address: the file names nobody. The key
is SECRET_KEY, which is kept apart from the database too.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

UNSUBSCRIBED, ERASED, ALLOWED = "unsubscribed", "erased", "allowed again"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Departure:
    at: datetime
    address_hash: str
    what: str  # UNSUBSCRIBED, ERASED, ALLOWED, or what `suppression` returns


def path() -> Path:
    return Path(settings.DATA_DIR) / "kept" / "departures.log"


def suppression(reason: str, scope: str) -> str:
    return f"{reason}/{scope}"


def add(address: str, what: str) -> None:
    """Write a line once the transaction is committed.

    `address` is case-folded: a subscriber's, or `@` and a domain.
    """
    line = f"{timezone.now().isoformat()} {_hash(address, settings.SECRET_KEY)} {what}\n"
    transaction.on_commit(partial(_append, line), robust=True)


def _append(line: str) -> None:
    try:
        path().parent.mkdir(mode=0o700, exist_ok=True)
        file = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(file, "a") as out:
            out.write(line)
    except OSError as error:  # leaving must work whatever happens to the file
        logger.error("%s cannot be written: %s", path(), error)


def read() -> Iterator[Departure]:
    """Every line, the oldest first; lines that cannot be read are left out."""
    if not path().exists():
        return
    for line in path().read_text(errors="replace").splitlines():
        at, _, rest = line.partition(" ")
        address_hash, _, what = rest.partition(" ")
        try:
            yield Departure(datetime.fromisoformat(at), address_hash, what)
        except ValueError:
            logger.warning("A line of %s cannot be read", path())


def hashes(address: str) -> list[str]:
    """The hashes that an address may have in the file, by this and by older secret keys."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_hash(address, key) for key in keys]


def _hash(address: str, key: str) -> str:
    return salted_hmac("subscriptions.departures", address, secret=key).hexdigest()
