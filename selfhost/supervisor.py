"""Keeps child processes alive: restarts those that die, stops all of them at the end."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

STOP_TIMEOUT = timedelta(seconds=10)
FIRST_RESTART_DELAY = timedelta(seconds=1)
MAX_RESTART_DELAY = timedelta(seconds=30)
STABLE_AFTER = timedelta(seconds=60)  # a child that dies later than this restarts at once again
MAX_LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


class Child:
    """One process and whatever it forks, in a session of its own, writing to a log file."""

    def __init__(self, name: str, command: list[str], log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.env = env
        self._restart_delay = FIRST_RESTART_DELAY
        self._started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self._restart_at: float | None = None

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.env),
                start_new_session=True,  # a Ctrl-C in the terminal is for `up` alone
                preexec_fn=_die_with_parent,
            )
        self._started_at = time.monotonic()
        self._restart_at = None

    def restart_if_dead(self, report: Callable[[str], None]) -> None:
        """Call this every moment: reports a death, and restarts after a delay that doubles."""
        assert self.process is not None
        now = time.monotonic()
        code = self.process.poll()
        if code is None:
            return
        if self._restart_at is None:
            self.kill()  # its forks live on
            if now - self._started_at > STABLE_AFTER.total_seconds():
                self._restart_delay = FIRST_RESTART_DELAY
            seconds = self._restart_delay.total_seconds()
            self._restart_at = now + seconds
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            report(
                f"{self.name} died ({how}); starting it again in {seconds:.0f} s, see {self.log}"
            )
            self._restart_delay = min(self._restart_delay * 2, MAX_RESTART_DELAY)
        elif now >= self._restart_at:
            self.start()

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until the deadline (of `time.monotonic`), then kill what is left of it."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        self.kill()
        self.process.wait()

    def kill(self) -> None:
        """It and whatever it forked."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def stop(children: list[Child]) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT.total_seconds()
    for child in children:
        child.terminate()
    for child in children:
        child.wait(deadline)


if sys.platform == "linux":
    _libc = ctypes.CDLL(None)

    def _die_with_parent() -> None:
        # So that a kill -9 of the parent leaves no web server that holds the port.
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

else:

    def _die_with_parent() -> None: ...
