"""The processes of a site and their command lines; the container files name the same ones."""

import os
import sys
from pathlib import Path

from django.conf import settings

from selfhost.supervisor import Child


def children(host: str, port: int) -> list[Child]:
    """Web server, workers and scheduler, not started yet, each with a log file of its own."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or _allowed_hosts(host),
        "PYTHONUNBUFFERED": "1",
        "REMAP_SIGTERM": "SIGQUIT",  # Celery's soft shutdown: give tasks back, do not wait
    }
    logs: Path = settings.DATA_DIR / "log"
    return [
        Child(name, [sys.executable, "-m", *command], logs / f"{name}.log", env)
        for name, command in commands(host, port).items()
    ]


def _allowed_hosts(host: str) -> str:
    return ",".join(sorted({*settings.ALLOWED_HOSTS, host}))


def commands(host: str, port: int) -> dict[str, list[str]]:
    """The name of each process, and its arguments after `python -m`."""
    level = f"--loglevel={settings.LOG_LEVEL}"
    celery = ["celery", "--quiet", "-A", "config"]
    worker = [*celery, "worker", "--without-mingle", "--without-gossip"]
    return {
        "web": [
            *("granian", "--interface", "wsgi", "config.wsgi:application"),
            *("--host", host, "--port", str(port), "--workers", "2"),
            *("--blocking-threads", "8", "--backlog", "1024", "--respawn-failed-workers"),
            *("--workers-kill-timeout", "3"),  # during its start it may miss a SIGTERM
            *("--log-level", settings.LOG_LEVEL.lower()),
        ],
        # Apart from the fetcher: a slow source delays other sources for seconds, and no mail.
        "worker": [
            *(*worker, "--hostname", "worker@%h"),
            *("--queues", "default,mail", "--concurrency", "2", level),
        ],
        "fetcher": [
            *(*worker, "--hostname", "fetcher@%h"),
            *("--queues", "fetch", "--concurrency", "2", level),
        ],
        "scheduler": [*celery, "beat", "--pidfile=", level],
    }
