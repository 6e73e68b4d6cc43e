"""Children that are kept alive: started again when they die, and gone when we are."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

STOP_TIMEOUT = 10.0
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which a child's next death counts as its first
PR_SET_PDEATHSIG = 1


class Child:
    """One process and whatever it forks, in a session of its own, writing to a log file."""

    def __init__(self, name: str, command: list[str], log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.env = env
        self.pause = 1.0
        self.started_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self._restart_at: float | None = None

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > 10_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.env),
                start_new_session=True,  # a Ctrl-C in the terminal reaches us alone
                preexec_fn=_die_with_parent,
            )
        self.started_at = time.monotonic()
        self._restart_at = None

    def watch(self, say: Callable[[str], None]) -> None:
        """Notice a death, say so, and start again after a pause that grows."""
        assert self.process is not None
        now = time.monotonic()
        code = self.process.poll()
        if code is None:
            return
        if self._restart_at is None:
            self.kill()  # what it forked
            if now - self.started_at > STEADY:
                self.pause = 1.0
            self._restart_at = now + self.pause
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            say(
                f"{self.name} died ({how}); starting it again in {self.pause:.0f} s, see {self.log}"
            )
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif now >= self._restart_at:
            self.start()

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Until the deadline; then nothing of it is left, whatever it was doing."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        self.kill()
        self.process.wait()

    def kill(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def stop(children: list[Child]) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    for child in children:
        child.terminate()
    for child in children:
        child.wait(deadline)


if sys.platform == "linux":
    _libc = ctypes.CDLL(None)

    def _die_with_parent() -> None:
        # Even a kill -9 of the parent leaves no web server that holds the port.
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

else:

    def _die_with_parent() -> None: ...
