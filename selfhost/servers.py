"""PostgreSQL and Valkey from wheels: started by their first user, stopped by their last.

Both listen on sockets in a private folder and on no port.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from selfhost.folders import ServerError, explain, make_private, socket_dir
from selfhost.postgres import DATABASE, Postgres
from selfhost.server_process import ServerProcess
from selfhost.valkey import Valkey

# Together with the ten seconds of the supervisor's children less than the fifteen that `up` has.
STOP_TIMEOUT = timedelta(seconds=4)


def database_url(data_dir: Path) -> str:
    host = str(socket_dir(data_dir)).replace("/", "%2F")
    return f"postgres://postgres@{host}/{DATABASE}"


def redis_url(data_dir: Path) -> str:
    return f"redis+socket://{socket_dir(data_dir)}/valkey.sock"


class Servers:
    """The servers of one data folder, shared by every process that works on it.

    Each user holds a shared lock on `users.lock`; who can make it exclusive is the last one.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        postgres: bool = True,
        valkey: bool = True,
        postgres_options: dict[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.servers: list[ServerProcess] = []
        if postgres:
            self.servers.append(Postgres(data_dir, postgres_options or {}))
        if valkey:
            self.servers.append(Valkey(data_dir))
        self._users_lock: IO[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator["Servers"]:
        """The servers are up for the time of the block; their last user stops them."""
        try:
            self.acquire()
            yield self
        finally:
            self.release()  # also after a Ctrl-C in the middle of a start

    def acquire(self) -> None:
        """Become a user of the servers, and start those that do not run."""
        if not self.servers:
            return
        try:
            make_private(self.data_dir)
            with self._start_stop_lock():
                self._users_lock = (self.data_dir / "users.lock").open("wb")
                fcntl.flock(self._users_lock, fcntl.LOCK_SH)
        except OSError as error:
            raise ServerError(f"DATA_DIR: cannot write there: {explain(error)}") from None
        self.start_missing()

    def start_missing(self) -> list[str]:
        """Start what does not run; the names of what was started."""
        if not self.servers:
            return []
        with self._start_stop_lock():
            return [server.name for server in self.servers if server.start_if_missing()]

    def release(self) -> None:
        """Stop the servers, unless another process still uses them."""
        # The kernel drops the lock of a process that was killed, so a stale one cannot exist.
        if self._users_lock is None:
            return
        with self._start_stop_lock(), self._users_lock:
            fcntl.flock(self._users_lock, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            deadline = time.monotonic() + STOP_TIMEOUT.total_seconds()
            stopping = [(server, server.terminate()) for server in reversed(self.servers)]
            for server, process in stopping:
                server.wait(process, deadline)
            with suppress(OSError):
                socket_dir(self.data_dir).rmdir()
        self._users_lock = None

    @contextmanager
    def _start_stop_lock(self) -> Iterator[None]:
        """One process at a time starts or stops servers."""
        with (self.data_dir / "gate.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
