"""`manage.py up`: the whole site with nothing installed beforehand."""

import fcntl
import os
import signal
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from papers import tasks
from selfhost import listening, site_data, site_processes, supervisor
from selfhost.first_days import FirstDaysReport
from selfhost.folders import ServerError, explain, make_private
from selfhost.servers import Servers
from selfhost.supervisor import Child

READY_TIMEOUT = timedelta(seconds=60)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = "Start the whole site: PostgreSQL, Valkey, migrations, web server, workers, scheduler."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="0 picks a free one")
        parser.add_argument("--no-sample", action="store_true", help="no sample papers")
        parser.add_argument("--no-sources", action="store_true", help="no default sources")

    def handle(self, *, host: str, port: int, no_sample: bool, no_sources: bool, **_: Any) -> None:
        for number in STOP_SIGNALS:  # a shell may start us with Ctrl-C ignored
            signal.signal(number, signal.default_int_handler)
        with ExitStack() as stack:  # leaving it stops the processes, then the servers
            try:
                self._run(stack, host, port, not no_sample, not no_sources)
            except KeyboardInterrupt:
                for number in STOP_SIGNALS:
                    signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C changes nothing
                self.say("Stopping …")
            except ServerError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(explain(error)) from error
        self.say("Stopped.")

    def _run(
        self, stack: ExitStack, host: str, port: int, with_samples: bool, with_sources: bool
    ) -> None:
        data_dir: Path = settings.DATA_DIR
        make_private(data_dir)
        make_private(data_dir / "log")
        stack.enter_context(lock_data_folder(data_dir))
        port = listening.free_port(host, port)
        os.environ["SITE_URL"] = os.environ.get("SITE_URL") or listening.address(host, port)

        self.step("Starting PostgreSQL and Valkey")
        servers = Servers(
            data_dir, postgres=settings.EMBEDDED_POSTGRES, valkey=settings.EMBEDDED_VALKEY
        )
        stack.enter_context(servers.running())
        site_data.prepare(self.step, with_samples=with_samples, with_sources=with_sources)
        login = site_data.admin_login()
        first_days = FirstDaysReport(self.say)
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]

        self.step("Starting web server, workers and scheduler")
        children = self._start_children(stack, host, port)
        (data_dir / "address").write_text(os.environ["SITE_URL"])
        tasks.sweep.delay()  # a new site need not wait a minute for its first poll
        self._say_ready(os.environ["SITE_URL"], login)
        self._keep_running(servers, children, first_days)

    def _start_children(self, stack: ExitStack, host: str, port: int) -> list[Child]:
        """Start them and wait until the site is healthy."""
        os.chdir(settings.BASE_DIR)
        children = site_processes.children(host, port)
        stack.callback(supervisor.stop, children)
        for child in children:
            child.start()
        url = listening.health_url(host, port)
        deadline = time.monotonic() + READY_TIMEOUT.total_seconds()
        while not listening.is_healthy(health := listening.health(url)):
            if time.monotonic() > deadline:
                logs = settings.DATA_DIR / "log"
                raise CommandError(f"{url} is not healthy: {health}. See {logs}")
            for child in children:
                child.restart_if_dead(self.say)
            time.sleep(0.1)
        return children

    def _keep_running(
        self, servers: Servers, children: list[Child], first_days: FirstDaysReport
    ) -> None:
        """Until Ctrl-C or SIGTERM, which raise KeyboardInterrupt."""
        while True:
            time.sleep(0.5)
            for child in children:
                child.restart_if_dead(self.say)
            try:
                for name in servers.start_missing():
                    self.say(f"{name} was gone; started it again")
                first_days.update()
            except ServerError as error:
                self.say(str(error))
                time.sleep(5)

    # --- Messages ---

    def _say_ready(self, address: str, login: str) -> None:
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

    def step(self, text: str) -> None:
        self.say(f"• {text} …")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def lock_data_folder(data_dir: Path) -> IO[bytes]:
    """One site for each data folder; the kernel drops the lock of a killed one."""
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
