"""The whole site with nothing installed beforehand: servers, migrations, web, worker, scheduler."""

import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import time
import urllib.request
from argparse import ArgumentParser
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from accounts.models import User
from papers import tasks
from papers.ingest import samples, seed
from papers.models import Paper
from selfhost import servers, supervisor
from selfhost.supervisor import Child
from site_web import healthz

ADMIN = "admin@localhost"
READY_TIMEOUT = 60.0


class Command(BaseCommand):
    help = "Start the whole site: PostgreSQL, Valkey, migrations, web server, workers, scheduler."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="0 picks a free one")
        parser.add_argument("--no-sample", action="store_true", help="no sample papers")
        parser.add_argument("--no-sources", action="store_true", help="no default sources")

    def handle(self, *, host: str, port: int, no_sample: bool, no_sources: bool, **_: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):  # a shell may start us deaf to Ctrl-C
            signal.signal(number, signal.default_int_handler)
        with ExitStack() as stack:
            try:
                self._run(stack, host, port, no_sample, no_sources)
            except KeyboardInterrupt:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)  # we are at it already
                self.say("Stopping …")
            except servers.ServerError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(servers.explain(error)) from error
        self.say("Stopped.")

    def _run(
        self, stack: ExitStack, host: str, port: int, no_sample: bool, no_sources: bool
    ) -> None:
        data_dir: Path = settings.DATA_DIR
        servers.make_private(data_dir)
        servers.make_private(data_dir / "log")
        stack.enter_context(self._alone(data_dir))
        port = self._port(host, port)
        address = f"http://{'localhost' if host in {'0.0.0.0', '::'} else host}:{port}"
        os.environ["SITE_URL"] = os.environ.get("SITE_URL") or address

        self.step("Starting PostgreSQL and Valkey")
        embedded = servers.Servers(
            data_dir, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY
        )
        stack.enter_context(embedded.joined())
        self._fill(no_sample, no_sources)
        password = self._admin()
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]

        self.step("Starting web server, workers and scheduler")
        children = self._children(host, port)
        stack.callback(supervisor.stop, children)
        for child in children:
            child.start()
        self._wait_until_healthy(host, port, children)
        (data_dir / "address").write_text(os.environ["SITE_URL"])
        tasks.sweep.delay()  # a new site need not wait a minute for its first poll
        self._ready(address, password)
        while True:
            time.sleep(0.5)
            for child in children:
                child.watch(self.say)
            self._watch(embedded)

    # --- Before anything runs ---

    def _alone(self, data_dir: Path) -> IO[bytes]:
        """One site for each data folder; the kernel forgets the lock of a killed one."""
        lock = (data_dir / "up.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            address = data_dir / "address"
            where = f" at {address.read_text()}" if address.exists() else ""
            raise CommandError(
                f"The site of {data_dir} runs already{where}. Stop it first, or give this one"
                " another folder with DATA_DIR."
            ) from None
        return lock

    def _port(self, host: str, port: int) -> int:
        """A port to listen on; one that is being left may take a moment to be free."""
        deadline = time.monotonic() + 3
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

    # --- What is stored ---

    def _fill(self, no_sample: bool, no_sources: bool) -> None:
        self._reach()
        self.step("Bringing the database up to date")
        call_command("migrate", verbosity=0, interactive=False)
        self._collect_static_files()
        seed.make_topics()
        if not no_sources:
            seed.make_sources()
        if not no_sample and not Paper.objects.exists():
            self.step("Writing sample papers")
            samples.load()

    def _collect_static_files(self) -> None:
        """Packed and named by their content, which takes seconds: only when one has changed."""
        files = [
            (path, storage.size(path), storage.get_modified_time(path).timestamp())
            for finder in get_finders()
            for path, storage in finder.list([])
        ]
        state = sha256(repr(sorted(files)).encode()).hexdigest()
        collected = settings.STATIC_ROOT / ".collected"
        if not collected.exists() or collected.read_text() != state:
            call_command("collectstatic", verbosity=0, interactive=False)
            collected.write_text(state)

    def _reach(self) -> None:
        """One line at once, instead of a pool's and a worker's patience."""
        if why := healthz.why_unreachable():
            raise CommandError(f"The database of DATABASE_URL does not answer: {why}")
        if healthz.broker() != "ok":
            raise CommandError("The broker of REDIS_URL does not answer.")

    def _admin(self) -> str | None:
        """The admin made for this data folder; its first password is kept beside the data."""
        file: Path = settings.DATA_DIR / "admin-password"
        if not User.objects.filter(is_superuser=True).exists():
            password = secrets.token_urlsafe(12)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                out.write(password)
            made = User.objects.create_superuser(ADMIN, password, name="Admin")
            EmailAddress.objects.create(user=made, email=ADMIN, verified=True, primary=True)
        admin = User.objects.filter(email=ADMIN).first()
        password = file.read_text() if file.exists() else ""
        return password if admin and password and admin.check_password(password) else None

    # --- What runs ---

    def _children(self, host: str, port: int) -> list[Child]:
        hosts = {*settings.ALLOWED_HOSTS, host}
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or ",".join(sorted(hosts)),
            "PYTHONUNBUFFERED": "1",
            "REMAP_SIGTERM": "SIGQUIT",  # Celery's soft shutdown: give tasks back, do not wait
        }
        level = f"--loglevel={settings.LOG_LEVEL}"
        celery = ["celery", "--quiet", "-A", "config"]
        worker = [*celery, "worker", "--without-mingle", "--without-gossip"]
        commands = {
            "web": [
                *("granian", "--interface", "wsgi", "config.wsgi:application"),
                *("--host", host, "--port", str(port), "--workers", "2"),
                *("--blocking-threads", "8", "--backlog", "1024", "--respawn-failed-workers"),
                *("--workers-kill-timeout", "3"),  # a young one may not hear its SIGTERM
                *("--log-level", settings.LOG_LEVEL.lower()),
            ],
            # A slow source holds up its neighbours for seconds, and no mail at all.
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
        log = settings.DATA_DIR / "log"
        os.chdir(settings.BASE_DIR)
        return [
            Child(name, [sys.executable, "-m", *command], log / f"{name}.log", env)
            for name, command in commands.items()
        ]

    def _wait_until_healthy(self, host: str, port: int, children: list[Child]) -> None:
        deadline = time.monotonic() + READY_TIMEOUT
        loopback = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
        url = f"http://{loopback}:{port}/healthz"
        state: object = "no answer"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            for child in children:
                child.watch(self.say)
            try:
                with opener.open(url, timeout=5) as answer:
                    state = json.load(answer)
                if state == {"database": "ok", "broker": "ok"}:
                    return
            except (OSError, ValueError) as error:
                state = error
            time.sleep(0.1)
        raise CommandError(f"{url} is not healthy: {state}. See {settings.DATA_DIR / 'log'}")

    def _watch(self, embedded: servers.Servers) -> None:
        try:
            for name in embedded.ensure():
                self.say(f"{name} was gone; started it again")
        except servers.ServerError as error:
            self.say(str(error))
            time.sleep(5)

    # --- What is said ---

    def _ready(self, address: str, password: str | None) -> None:
        login = f"{ADMIN}, password {password}" if password else "with your own password"
        mail = (
            f"each one a file in {settings.DATA_DIR / 'outbox'}"
            if settings.EMAIL_BACKEND == "selfhost.outbox.EmailBackend"
            else "sent as EMAIL_URL says"
        )
        self.say(f"\nReady: {address}\n")
        self.say(f"  Admin  {address}/admin/ · {login}")
        self.say(f"  Mail   {mail}")
        self.say(f"  Logs   {settings.DATA_DIR / 'log'}")
        self.say("  Stop   Ctrl-C\n")

    def step(self, words: str) -> None:
        self.say(f"• {words} …")

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
