"""One embedded server: a process that outlives its parent and is found again by its pid file."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from selfhost.folders import ServerError, check_space, explain, make_private, socket_dir

START_TIMEOUT = timedelta(seconds=30)
POLL_INTERVAL = timedelta(seconds=0.05)


class ServerProcess:
    """Base of PostgreSQL and Valkey. A subclass says what to run and when it is up."""

    name: str

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.sockets = socket_dir(data_dir)
        self.log = data_dir / "log" / f"{self.name.lower()}.log"
        self._child: subprocess.Popen[bytes] | None = None

    # --- What a subclass defines ---

    def prepare(self) -> None:
        """Make the folders that the server needs before its first start."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def pid_file(self) -> Path:
        raise NotImplementedError

    def is_answering(self) -> bool:
        raise NotImplementedError

    def run_as(self) -> dict[str, Any]:
        """The user to run as: keyword arguments of `subprocess.Popen`."""
        return {}

    def working_folder(self) -> Path:
        return Path("/")

    def stop_signal(self) -> signal.Signals:
        return signal.SIGTERM

    # --- Start and stop ---

    def start_if_missing(self) -> bool:
        """True if it had to be started."""
        if self._child is not None:
            self._child.poll()  # reaps it, if it died
        if self.process() is not None:
            os.utime(self.sockets)  # so that no cleaner of /tmp takes the folder for unused
            return False
        check_space(self.data_dir)
        try:
            self.prepare()
            self._start()
        except OSError as error:
            raise ServerError(f"{self.name} cannot start: {explain(error)}") from error
        return True

    def process(self) -> psutil.Process | None:
        """The running server; a process that got the number of a dead server does not count."""
        try:
            process = psutil.Process(int(self.pid_file().read_text().split()[0]))
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return process if str(self.sockets) in " ".join(process.cmdline()) else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _start(self) -> None:
        """Try until it answers, or until START_TIMEOUT."""
        make_private(self.log.parent)
        self.pid_file().unlink(missing_ok=True)  # of a process that ended, or of another one
        deadline = time.monotonic() + START_TIMEOUT.total_seconds()
        while time.monotonic() < deadline:
            self._child = self._spawn()
            while self._child.poll() is None and time.monotonic() < deadline:
                if self.is_answering():
                    return
                time.sleep(POLL_INTERVAL.total_seconds())
            # After a kill -9 the old backends need a moment to let go of shared memory.
            time.sleep(0.5)
        reason = error_line(self.log.read_text(errors="replace"))
        raise ServerError(f"{self.name} did not start: {reason} (see {self.log})")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log, signals_deferred():
            return subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.working_folder(),
                start_new_session=True,  # Ctrl-C in the terminal is not for the servers
                **self.run_as(),
            )

    def terminate(self) -> psutil.Process | None:
        """Send the stop signal; the process to wait for, if there is one."""
        process = self.process()
        if process is None and self._child is not None and self._child.poll() is None:
            process = psutil.Process(self._child.pid)  # started so recently: no pid file yet
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(self.stop_signal())
        return process

    def wait(self, process: psutil.Process | None, deadline: float) -> None:
        """Wait until it is dead, and kill it at the deadline (of `time.monotonic`).

        A zombie counts as dead: in a container perhaps no process reaps it.
        """
        with suppress(psutil.NoSuchProcess):
            while process is not None and process.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > deadline:
                    process.kill()
                    break
                time.sleep(POLL_INTERVAL.total_seconds())
        if self._child is not None:
            self._child.wait()


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Ctrl-C and SIGTERM take effect after the block: a server started halfway has no owner."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda n, _: received.append(n)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for caught in received:
        signal.raise_signal(caught)


def error_line(output: str) -> str:
    """The last line of a program's output that names an error, or else its last line."""
    lines = output.strip().splitlines() or ["it said nothing"]
    errors = [line for line in lines[-20:] if "FATAL" in line or "rror" in line]
    return (errors or lines)[-1].strip()
