"""The address of the web server: a free port for it, and whether it answers there."""

import json
import socket
import time
import urllib.request
from contextlib import closing
from datetime import timedelta

from django.core.management.base import CommandError

PORT_RELEASE_TIMEOUT = timedelta(seconds=3)
HEALTH_TIMEOUT = timedelta(seconds=5)  # of one request
NEEDED = {"database": "ok", "broker": "ok"}  # without the cache the site goes on


def free_port(host: str, port: int) -> int:
    """The port if it is free (0: any free one); waits a moment for one that is being released."""
    deadline = time.monotonic() + PORT_RELEASE_TIMEOUT.total_seconds()
    while True:
        try:
            family = socket.getaddrinfo(host, port)[0][0]
            with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                return int(probe.getsockname()[1])
        except socket.gaierror:
            raise CommandError(f"--host {host}: no such address on this machine") from None
        except OverflowError:
            raise CommandError(f"--port {port}: a port is a number up to 65535") from None
        except OSError as error:
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Cannot listen on {host}:{port}: {error.strerror}."
                    " Choose another with --port, or --port 0 for any free one."
                ) from None
            time.sleep(0.2)


def address(host: str, port: int) -> str:
    """The URL for a browser on this machine."""
    return f"http://{'localhost' if host in {'0.0.0.0', '::'} else host}:{port}"


def health_url(host: str, port: int) -> str:
    loopback = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"http://{loopback}:{port}/healthz"


def health(url: str) -> object:
    """What the web server says of itself, or the error that came instead."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=HEALTH_TIMEOUT.total_seconds()) as response:
            return json.load(response)
    except (OSError, ValueError) as error:
        return error


def is_healthy(health: object) -> bool:
    return isinstance(health, dict) and health | NEEDED == health
