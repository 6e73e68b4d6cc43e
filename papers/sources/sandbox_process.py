"""The template process of `sandbox`: imports the parsers once, forks a child for each body.

It is started without any file or socket of its parent's but standard error and the control
socket, which is its standard input, and without the settings in its parent's environment. It has
one thread, so that forking is safe on macOS too. Where the control socket closes, its parent has
ended, killed or not: it then kills its children and ends.

A message on the control socket is a JSON object:

- `{"job": …, "arguments": […], "cpu_seconds": …, "memory_bytes": …}` with one file descriptor, the
  socket on which the child reads the body and writes its results, and a second one for a file to
  parse. Forks a child; the answer is its process id. A limit of 0 is none.
- `{"wait": pid}` waits for a child that ends by itself. The answer is its status, of `os.waitpid`.
- `{"kill": pid}` ends a child if it is still there. The answer is its status, or 0.

Each answer is one number (ANSWER). A child writes pickles: what its job yields, then None, or else
the exception that it ended with.
"""

import gc
import json
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import IO, Any

from papers.sources import (
    ParsedItem,
    ParseError,
    arxiv_html,
    import_file,
    oai,
    parsers,
    picture_sizes,
)
from papers.sources.feed_xml import StreamingFailed

ANSWER = struct.Struct("!i")
MAX_MESSAGE_BYTES = 16 * 1024
MAX_DESCRIPTORS = 2
BATCH_ENTRIES = 250
EXIT_OUT_OF_MEMORY = 3


def serve(control: socket.socket) -> None:
    """Carry out messages until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too: our parent decides
    gc.freeze()  # what is loaded stays shared with the children
    children: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE_BYTES, MAX_DESCRIPTORS)
        if not message:
            break
        request = json.loads(message)
        if "job" in request:
            answer = _fork(control, request, descriptors)
            children.add(answer)
        else:
            answer = _end(children, **request)
        try:
            control.sendall(ANSWER.pack(answer))
        except BrokenPipeError:
            break
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _fork(control: socket.socket, request: dict[str, Any], descriptors: list[int]) -> int:
    if pid := os.fork():
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    code = 1
    try:
        control.close()
        code = _run(request, *descriptors)
    except MemoryError:
        code = EXIT_OUT_OF_MEMORY
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # never back into the loop


def _end(children: set[int], wait: int = 0, kill: int = 0) -> int:
    pid = wait or kill
    if pid not in children:
        return 0
    if kill:
        os.kill(pid, signal.SIGKILL)
    children.remove(pid)
    return os.waitpid(pid, 0)[1]


# --- In a child ---


def _run(request: dict[str, Any], connection: int, file: int | None = None) -> int:
    """Carry out a job, send what it yields; returns the exit code."""
    _limit(request["cpu_seconds"], request["memory_bytes"])
    with socket.socket(fileno=connection) as theirs, theirs.makefile("wb") as results:
        try:
            with theirs.makefile("rb") if file is None else open(file, "rb") as source:
                for part in JOBS[request["job"]](source, *request["arguments"]):
                    _send(part, results)
            _send(None, results)
        except (BrokenPipeError, ConnectionResetError):  # the parent wants no more
            pass
        except (StreamingFailed, ParseError) as error:
            _send(error, results)
        except (OSError, EOFError) as error:  # about a file
            _send(ParseError(str(error)), results)
        except MemoryError:
            raise
        except Exception as error:  # a fault of ours: this body cannot be read, others can
            traceback.print_exc()
            _send(ParseError(f"a fault in our parser ({type(error).__name__}: {error})"), results)
    return 0


def _limit(cpu_seconds: float, memory_bytes: int) -> None:
    if memory_bytes:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        except (ValueError, OSError):
            if sys.platform != "darwin":  # macOS may refuse this limit; that of time holds there
                raise
    if cpu_seconds:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # whose signal ends us


def _send(part: object, results: IO[bytes]) -> None:
    pickle.dump(part, results)
    results.flush()


def _stream(body: IO[bytes], kind: str) -> Iterator[list[ParsedItem]]:
    """Batches of a body's entries; StreamingFailed only after the first was sent."""
    content = body.read()
    sent = False
    try:
        for batch in _batches(parsers.stream(kind, content)):
            yield batch
            sent = True
    except StreamingFailed:
        if sent:
            raise
        yield from _batches(parsers.read(kind, content))


def _read(body: IO[bytes], kind: str) -> Iterator[list[ParsedItem]]:
    return _batches(parsers.read(kind, body.read()))


def _parse_oai(body: IO[bytes]) -> Iterator[oai.Page]:
    yield oai.parse(body.read())


def _read_file(file: IO[bytes], name: str, day: str, size: str) -> Iterator[import_file.FileBatch]:
    return import_file.read(file, name, date.fromisoformat(day) if day else None, int(size))


def _first_figure(body: IO[bytes], url: str) -> Iterator[arxiv_html.Figure]:
    if figure := arxiv_html.first_figure(body.read(), url):
        yield figure


def _encode_picture(body: IO[bytes]) -> Iterator[picture_sizes.PictureSizes]:
    yield picture_sizes.encode(body.read())


def _batches(items: Iterator[ParsedItem]) -> Iterator[list[ParsedItem]]:
    return iter(lambda: list(islice(items, BATCH_ENTRIES)), [])


JOBS: dict[str, Callable[..., Iterator[Any]]] = {
    "stream": _stream,
    "read": _read,
    "oai": _parse_oai,
    "file": _read_file,
    "figure": _first_figure,
    "picture": _encode_picture,
}


if __name__ == "__main__":
    with suppress(ConnectionResetError):
        serve(socket.socket(fileno=0))
