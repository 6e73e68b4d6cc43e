"""Folders of the embedded servers: who may enter them, and errors of the disk in one line."""

import errno
import hashlib
import os
import pwd
import shutil
from pathlib import Path

# PostgreSQL needs about as much to start after a crash; with less its own log breaks off.
MIN_FREE_BYTES = 32 * 2**20


class ServerError(Exception):
    """A server that did not start; the message is one line for the person who runs the site."""


def socket_dir(data_dir: Path) -> Path:
    """The private folder of both sockets: a short path, as a socket's name ends at 107 bytes."""
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(f"/tmp/trending-papers-{os.geteuid()}-{name}")


def make_private(folder: Path) -> None:
    """Make a folder for this user alone; refuse one in /tmp that another user made first."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        status = folder.stat()
        nobody = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else status.st_uid
        if folder.parent == Path("/tmp") and status.st_uid not in {os.geteuid(), nobody}:
            raise ServerError(f"{folder} belongs to somebody else: remove it") from None
        if os.geteuid() == 0 and status.st_mode & 0o777 == 0o711:  # as older versions made it
            folder.chmod(0o700)


def make_public(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise ServerError(
            f"the disk that holds {folder} is full: {free // 2**20} MB are free,"
            f" at least {MIN_FREE_BYTES // 2**20} MB are needed"
        )


def explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk that holds {error.filename or 'the data folder'} is full"
    return f"{error.strerror}: {error.filename}" if error.filename else str(error)
