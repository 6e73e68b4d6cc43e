"""Parses what sources send in child processes with limits of memory and processor time.

A body may be a bomb that no parser foresaw: it then costs one poll, which says why, and nothing
else. Entries arrive in batches, so that PostgreSQL writes the first while the next are parsed.

Starting Python and importing the parsers takes most of a second of processor time. That happens
once: each process of ours that parses keeps one template process (`sandbox_process`), which
forks a child for each body.
"""

import atexit
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

from papers.sources import (
    Parsed,
    ParseError,
    arxiv_html,
    collect,
    import_file,
    oai,
    picture_sizes,
    sandbox_process,
)

MAX_CPU_TIME = timedelta(seconds=7)  # of parsing: waiting for us or for others is not counted
MAX_CPU_TIME_OF_SECOND_TRY = timedelta(seconds=4)  # for a body that has to be read a second time
MAX_MEMORY_MB = 1024
STOP_TIMEOUT = timedelta(seconds=2)
ROOT = Path(__file__).resolve().parents[2]
# The only variables that the template process gets: our others hold passwords.
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH")


def stream(kind: str, body: bytes) -> Iterator[Parsed]:
    """As `parsers.stream`, in batches; raises ParseError also where a limit is exceeded.

    StreamingFailed comes only after the first batch: the caller then undoes what it wrote and
    calls `read`.
    """
    return map(collect, _parse("stream", kind, body=body, cpu_time=MAX_CPU_TIME))


def read(kind: str, body: bytes) -> Iterator[Parsed]:
    """As `parsers.read`, in batches; raises ParseError also where a limit is exceeded."""
    return map(collect, _parse("read", kind, body=body, cpu_time=MAX_CPU_TIME_OF_SECOND_TRY))


def parse_oai(body: bytes) -> oai.Page:
    """As `oai.parse`; raises ParseError also where a limit is exceeded."""
    (page,) = _parse("oai", body=body, cpu_time=MAX_CPU_TIME)
    assert isinstance(page, oai.Page)
    return page


def first_figure(body: bytes, url: str) -> arxiv_html.Figure | None:
    """As `arxiv_html.first_figure`; raises ParseError where a limit is exceeded."""
    figures: list[arxiv_html.Figure] = list(_parse("figure", url, body=body, cpu_time=MAX_CPU_TIME))
    return figures[0] if figures else None


def encode_picture(body: bytes) -> picture_sizes.PictureSizes:
    """As `picture_sizes.encode`; raises ParseError also where a limit is exceeded."""
    (sizes,) = _parse("picture", body=body, cpu_time=MAX_CPU_TIME)
    assert isinstance(sizes, picture_sizes.PictureSizes)
    return sizes


def read_file(path: Path, day: date | None, size: int) -> Iterator[import_file.FileBatch]:
    """As `files.read`, without limits: an operator's own file may take its time."""
    with path.open("rb") as file:
        yield from _parse("file", path.name, day.isoformat() if day else "", str(size), file=file)


def _parse(
    job: str,
    *arguments: str,
    body: bytes = b"",
    file: IO[bytes] | None = None,
    cpu_time: timedelta | None = None,
) -> Iterator[Any]:
    """What a job of `sandbox_process.JOBS` yields; without `cpu_time` it has no limits."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            request = {
                "job": job,
                "arguments": arguments,
                "cpu_seconds": cpu_time.total_seconds() if cpu_time else 0,
                "memory_bytes": MAX_MEMORY_MB * 1024 * 1024 if cpu_time else 0,
            }
            template, pid = _fork(request, [theirs.fileno(), *([file.fileno()] if file else [])])
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it ended early: see below
                ours.sendall(body)
                ours.shutdown(socket.SHUT_WR)
            yield from _received(ours)
        except EOFError:
            status = template.wait(pid)
            raise _explained(status, cpu_time) from None
        finally:
            template.kill(pid)


def _received(connection: socket.socket) -> Iterator[Any]:
    """What the child sends until it says that this was all; raises EOFError if it never does."""
    with connection.makefile("rb") as stream:
        while True:
            try:
                part = pickle.load(stream)  # written by our own code in sandbox_process
            except (pickle.UnpicklingError, ConnectionResetError):  # killed while it wrote
                raise EOFError from None
            if part is None:
                return
            if isinstance(part, Exception):
                raise part
            yield part


def _explained(status: int | None, cpu_time: timedelta | None) -> Exception:
    """Why a child ended before its work was done, by what `os.waitpid` says."""
    if status is None:
        return RuntimeError("the process that parses was ended from outside")
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGPROF and cpu_time:
        return ParseError(f"takes longer than {cpu_time.total_seconds():.0f} s to read: given up")
    if code < 0 or code == sandbox_process.EXIT_OUT_OF_MEMORY:
        return ParseError(f"needs more than {MAX_MEMORY_MB} MB of memory to read: given up")
    return RuntimeError(f"the process that parses ended with code {code}")


# --- The template process, one for each process of ours ---


class _Template:
    """A running template process and the socket by which it is told what to do.

    It is used under a lock, as a request and its answer belong together. Whatever interrupts an
    exchange, such as Celery's soft time limit, ends the template, for the next answer would be
    the one to the question before. It ends when the socket closes: also when we are killed.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "papers.sources.sandbox_process"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            )

    def fork(self, request: dict[str, Any], file_descriptors: list[int]) -> int:
        """Start a child on a request; returns its process id. OSError if the template is gone."""
        return self._exchange(request, file_descriptors)

    def wait(self, pid: int) -> int | None:
        """The status of a child that is ending by itself; None if the template is gone."""
        try:
            return self._exchange({"wait": pid})
        except OSError:
            return None

    def kill(self, pid: int) -> None:
        """End a child, if it has not ended, and leave no zombie."""
        with suppress(OSError):
            self._exchange({"kill": pid})

    def _exchange(self, request: dict[str, Any], file_descriptors: list[int] | None = None) -> int:
        with self.lock:
            try:
                message = json.dumps(request).encode()
                socket.send_fds(self.control, [message], file_descriptors or [])
                if not (answer := self.control.recv(sandbox_process.ANSWER.size)):
                    raise ConnectionResetError("the template process has ended")
                (number,) = sandbox_process.ANSWER.unpack(answer)
                return int(number)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Close the socket, upon which it kills its children and ends."""
        self.control.close()
        try:
            self.process.wait(STOP_TIMEOUT.total_seconds())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def is_stopped(self) -> bool:
        return self.control.fileno() < 0


_lock = threading.Lock()
_template: _Template | None = None


def _fork(request: dict[str, Any], file_descriptors: list[int]) -> tuple[_Template, int]:
    """Start a child by this process's template, or by a new one if that has died."""
    try:
        template = _running_template()
        return template, template.fork(request, file_descriptors)
    except OSError:
        template = _running_template()
        return template, template.fork(request, file_descriptors)


def _running_template() -> _Template:
    global _template
    with _lock:
        if _template is None or _template.is_stopped:
            _template = _Template()
        return _template


@atexit.register
def _stop_template() -> None:
    if _template:
        _template.stop()


def _forget_template() -> None:
    """In a fork of ours, such as a worker of Celery's pool: the template stays its parent's."""
    global _lock, _template
    _lock = threading.Lock()
    if _template:
        _template.lock = threading.Lock()
        _template.control.close()  # else the template would outlive the process that started it
        _template = None


os.register_at_fork(after_in_child=_forget_template)
