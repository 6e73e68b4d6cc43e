"""The web server of production on a free port: starts it, gets pages, measures requests/s."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import NamedTuple

from benchmarks._records import ROOT

CONNECTIONS = 8  # open at the same time while the rate is measured
START_TIMEOUT_SECONDS = 30


class Response(NamedTuple):
    status: int
    content: bytes  # as sent: compressed, where the server compresses
    etag: str


@contextmanager
def web_server(settings_module: str, **env: str) -> Iterator[int]:
    """Run Granian as `manage.py up` starts it, with these settings; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    command += ["--blocking-threads", "8", "--backlog", "1024", "--log-level", "error"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings_module} | env
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        _wait_until_ready(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            if get(port, "/").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web server did not start")


def get(port: int, path: str, etag: str = "") -> Response:
    """GET a path as a browser does; with an ETag, a conditional request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=_headers(etag))
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return Response(response.status, content, response.headers["ETag"] or "")


def requests_per_second(port: int, path: str, etag: str, seconds: int) -> float:
    """The rate over CONNECTIONS connections: by wrk if installed, as our own threads are slower."""
    if wrk := shutil.which("wrk"):
        return _wrk_rate(wrk, f"http://127.0.0.1:{port}{path}", etag, seconds)
    return _thread_rate(port, path, etag, seconds)


def _wrk_rate(wrk: str, url: str, etag: str, seconds: int) -> float:
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    for name, value in _headers(etag).items():
        command += ["-H", f"{name}: {value}"]
    output = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec: +([0-9.]+)", output)[1])  # type: ignore[index]


def _thread_rate(port: int, path: str, etag: str, seconds: int) -> float:
    responses, deadline = [0] * CONNECTIONS, time.monotonic() + seconds

    def send_requests(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        while time.monotonic() < deadline:
            connection.request("GET", path, headers=_headers(etag))
            connection.getresponse().read()
            responses[number] += 1
        connection.close()

    threads = [Thread(target=send_requests, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(responses) / seconds


def _headers(etag: str) -> dict[str, str]:
    return {"Accept-Encoding": "br"} | ({"If-None-Match": etag} if etag else {})
