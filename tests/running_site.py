"""Starts a whole site in processes of its own, as `manage.py up` does, for tests from outside."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import requests

from selfhost import servers
from tests.servers import SHARED_FOLDER

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Site:
    url: str
    data_dir: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]
    authority: Path | None = None  # whose certificate the address has, if it is an https one

    def rows(self, query: str, *params: object) -> list[tuple[Any, ...]]:
        """The rows that the database of this site returns."""
        url = servers.database_url(self.data_dir).replace("postgres://", "postgresql://")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(query, params)
            return cursor.fetchall() if cursor.description else []

    def manage(self, *words: str) -> str:
        run = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return run.stdout

    def reader(self) -> "Reader":
        return Reader(self.url, self.authority)

    @cached_property
    def administrator(self) -> "Reader":
        """Who has signed in: once for all tests, as that takes half a second of processor."""
        reader = self.reader()
        password = (self.data_dir / "admin-password").read_text()
        reader.submit("/accounts/login/", login="admin@localhost", password=password)
        return reader


class Reader:
    """A browser without script: keeps cookies, sends forms with their tokens."""

    def __init__(self, url: str, authority: Path | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(authority) if authority else True

    def get(self, path: str) -> requests.Response:
        return self.session.get(self._address(path), timeout=20)

    def submit(self, path: str, **fields: object) -> requests.Response:
        """Open the page and send its form."""
        address = self._address(path)
        page = self.session.get(address, timeout=20)
        assert 'method="post"' in page.text, f"no form on {address} ({page.status_code})"
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        data = fields | ({"csrfmiddlewaretoken": found[1]} if found else {})
        return self.session.post(page.url, data, headers={"Referer": page.url}, timeout=20)

    def press(self, page: str, path: str, **fields: object) -> requests.Response:
        """Press the button on `page` whose form goes to `path`."""
        shown = self.get(page).text
        assert f'action="{path}"' in shown, f"no button for {path} on {page}"
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
        assert found
        data = {"csrfmiddlewaretoken": found[1], **fields}
        headers = {"Referer": self._address(page)}
        return self.session.post(self._address(path), data, headers=headers, timeout=20)

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.url}{path}"


@contextmanager
def running_site(folder: Path, *options: str, **settings: str) -> Iterator[Site]:
    """Start it, wait for `Ready`, and stop it as Ctrl-C would."""
    copy_first_data(folder / "data")
    clean = {k: v for k, v in os.environ.items() if k not in {"SITE_URL", "ALLOWED_HOSTS"}}
    env = clean | {"DATA_DIR": str(folder / "data"), "SWEEP_SECONDS": "1"} | settings
    log = folder / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", "0", *options],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        url = _wait_for_ready(process, log)
        yield Site(url, folder / "data", env, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def copy_first_data(folder: Path) -> None:
    """Make this the data folder of a site that has tables and topics, and nothing else."""
    # Not by shutil: PostgreSQL's files may belong to a user of its own.
    subprocess.run(["cp", "-a", str(first_data()), str(folder)], check=True)


def first_data() -> Path:
    """A data folder with tables, topics and static files, of a site that does not run.

    To make it takes ten seconds of processor: once for all processes of a run.
    """
    first = SHARED_FOLDER / "site"
    with (SHARED_FOLDER / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not first.exists():
            collect = "from selfhost.site_data import collect_static_files as c; c()"
            subprocess.run(
                [sys.executable, "manage.py", "shell", "--no-imports", "-c", collect],
                cwd=ROOT,
                env=os.environ | {"DATA_DIR": str(first)},
                stdout=subprocess.DEVNULL,
                check=True,
                timeout=120,
            )
    return first


def _wait_for_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"^Ready: (\S+)$", log.read_text(), re.MULTILINE):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"the site did not start:\n{log.read_text()}")
