"""Folders of the embedded servers: who may enter them, and errors of the disk in one line."""

import errno
import hashlib
import os
import pwd
from pathlib import Path


class ServerError(Exception):
    """A server that did not start; the message is one line for the person who runs the site."""


def socket_dir(data_dir: Path) -> Path:
    """The private folder of both sockets: a short path, as a socket's name ends at 107 bytes."""
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(f"/tmp/trending-papers-{os.geteuid()}-{name}")


def make_private(folder: Path) -> None:
    """Make a folder for this user alone; refuse one in /tmp that another user made first.

    As root others may pass through it (0711), because PostgreSQL runs as `nobody` inside.
    """
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    except FileExistsError:
        owner = folder.stat().st_uid
        nobody = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else owner
        if folder.parent == Path("/tmp") and owner not in {os.geteuid(), nobody}:
            raise ServerError(f"{folder} belongs to somebody else: remove it") from None


def make_public(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk that holds {error.filename or 'the data folder'} is full"
    return f"{error.strerror}: {error.filename}" if error.filename else str(error)
