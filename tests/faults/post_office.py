"""Real workers that send over real SMTP, on servers of their own, all of which may be killed."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import psycopg
import redis

from selfhost import folders, servers
from tests.running_site import ROOT, copy_first_data

IN_HAND = {"pending", "claimed", "sending", "deferred"}


# The moments at which a relay may drop the line, in the order of the dialogue. At the last one
# alone the mail was complete.
MOMENTS = ("greeting", "EHLO", "MAIL", "RCPT", "message", "dot")


class Sink:
    """Takes every mail, and notes whose it is in the moment in which it says so.

    With `drops_at` it drops the line at that moment, once it has taken `takes` mails.
    """

    def __init__(self, seconds: float, drops_at: str = "", takes: int = 0) -> None:
        self.seconds = seconds  # for each mail
        self.drops_at, self.takes = drops_at, takes
        self.accepted: Counter[str] = Counter()
        self.dropped = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        Thread(target=self._run, daemon=True).start()
        while not self.port:
            pass

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)
        server = self._loop.run_until_complete(serving)
        self.port = server.sockets[0].getsockname()[1]
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(task)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._drop(writer, "greeting")
        writer.write(b"220 sink\r\n")
        to = ""
        while line := (await reader.readline()).strip():
            verb = line[:4].upper()
            self._drop(writer, verb.decode())
            if verb == b"RCPT":
                to = line.decode().partition("<")[2].rstrip(">").lower()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n\r\n")  # the head
                self._drop(writer, "message")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(self.seconds)
                self.accepted[to] += 1
                self._drop(writer, "dot")
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")
            await writer.drain()

    def _drop(self, writer: asyncio.StreamWriter, moment: str) -> None:
        if moment == self.drops_at and self.accepted.total() >= self.takes:
            self.dropped += 1
            writer.transport.abort()
            raise ConnectionError


class Office:
    """PostgreSQL, broker, scheduler and workers of one data folder."""

    def __init__(self, folder: Path, sink: Sink, **settings: str) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "workers.log"
        self.servers = servers.Servers(self.data_dir)
        self.env = os.environ | {
            "DATA_DIR": str(self.data_dir),
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "SWEEP_SECONDS": "1",
            "MAIL_CLAIM_SECONDS": "5",
            "MAIL_SENDING_SECONDS": "5",
            "MAIL_RUN_SECONDS": "3",
            **settings,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def python(self, *words: str) -> None:
        subprocess.run([sys.executable, *words], cwd=ROOT, env=self.env, check=True, timeout=120)

    def start(self, *celery: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--quiet", "-A", "config", *celery],
                cwd=ROOT,
                env=self.env | {"REMAP_SIGTERM": "SIGQUIT"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.start("worker", "--queues", "mail", "--concurrency", "1", *quiet)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        url = servers.database_url(self.data_dir).replace("postgres://", "postgresql://")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(query)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def states(self) -> dict[str, str]:
        """Of each address."""
        return dict(
            self.rows(
                "SELECT address, state FROM subscriptions_delivery AS delivery"
                " JOIN subscriptions_subscriber AS s ON s.id = delivery.subscriber_id"
            )
        )

    def is_done(self) -> bool:
        try:
            states = self.states().values()
        except psycopg.OperationalError:
            return False
        return bool(states) and not IN_HAND & set(states)

    # --- What may happen to it ---

    def kill_a_worker(self, workers: list[subprocess.Popen[bytes]], chance: random.Random) -> None:
        """All of its processes at once, or the one of them that sends."""
        place = chance.randrange(len(workers))
        children = psutil.Process(workers[place].pid).children()
        if children and chance.random() < 0.5:
            children[0].kill()
        else:
            self.kill(workers[place])
            workers[place] = self.start_worker()

    def flush_the_broker(self) -> None:
        path = f"{folders.socket_dir(self.data_dir)}/valkey.sock"
        with redis.Redis(unix_socket_path=path) as client:
            client.flushall()

    def kill_the_broker(self) -> None:
        self._end("Valkey", signal.SIGKILL)

    def restart_the_database_at_once(self) -> None:
        self._end("PostgreSQL", signal.SIGQUIT)  # `pg_ctl restart -m immediate`

    def _end(self, name: str, number: signal.Signals) -> None:
        [server] = [it for it in self.servers.servers if it.name == name]
        process = server.process()
        assert process is not None
        process.send_signal(number)
        server.wait(process, deadline=float("inf"))
        self.servers.start_missing()


@contextmanager
def post_office(
    folder: Path, seconds: float = 0.004, sink: Sink | None = None, **settings: str
) -> Iterator[tuple[Office, Sink]]:
    sink = sink or Sink(seconds)
    copy_first_data(folder / "data")
    office = Office(folder, sink, **settings)
    with office.servers.running():
        try:
            yield office, sink
        finally:
            for process in office.processes:
                office.kill(process)
            sink.stop()


def fill(office: Office, subscribers: int, papers: int = 25) -> None:
    office.python("-m", "tests.faults.due_digests", str(subscribers), str(papers))
