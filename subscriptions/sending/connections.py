"""Open connections to the mail relay, each of which sends one mail at a time in a thread.

Nothing here uses the database: which mail may be sent, and what its result means for the
delivery, is decided by the one thread that calls this.
"""

import smtplib
import sys
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from django.core.mail import EmailMessage, get_connection

from subscriptions.models import Delivery
from subscriptions.sending.verdicts import NotSent, Verdict, verdict

IDLE_BEFORE_CHECK = timedelta(seconds=10)  # then a connection is checked before its next mail
RESULT_BATCH_WAIT = timedelta(seconds=0.0005)  # results of this time share one commit
# How long a thread waits for another to release the interpreter: with Python's 5 ms the thread that
# uses the database waited for those that encode mails.
THREAD_SWITCH_INTERVAL = timedelta(seconds=0.001)
SLOW_AFTER = timedelta(seconds=2)  # a mail that takes longer makes its domain a slow one


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mail that was given to a connection."""

    delivery: Delivery
    error: Exception | None

    @property
    def verdict(self) -> Verdict | None:
        return verdict(self.error) if self.error else None


class Connection:
    """One connection of Django's email backend, whatever backend that is."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self._used_at = 0.0

    def open(self) -> "Connection":
        self._backend.open()
        self._used_at = monotonic()
        return self

    def send(self, mail: EmailMessage) -> Exception | None:
        """The error instead of raising it: any, as whether the mail was sent must be recorded."""
        try:
            if monotonic() - self._used_at > IDLE_BEFORE_CHECK.total_seconds():
                self._reopen_if_lost()
            self._backend.send_messages([mail])
        except Exception as error:
            if verdict(error).connection_failed:
                self.close()
            return error
        self._used_at = monotonic()
        return None

    def _reopen_if_lost(self) -> None:
        """A relay may close an idle connection; that must not cost a mail an attempt."""
        connection = getattr(self._backend, "connection", None)
        if connection is not None:
            with suppress(smtplib.SMTPException):
                if connection.noop()[0] == 250:
                    return
            self.close()
            try:
                self._backend.open()
            except smtplib.SMTPAuthenticationError:
                raise
            except OSError as error:
                raise NotSent(*error.args) from error

    def close(self) -> None:
        with suppress(OSError):  # it may be lost already
            self._backend.close()


@dataclass(frozen=True, slots=True)
class _Sending:
    delivery: Delivery
    connection: Connection
    since: float


class Connections:
    """Up to `limit` connections, opened as they are needed."""

    def __init__(self, limit: int) -> None:
        sys.setswitchinterval(THREAD_SWITCH_INTERVAL.total_seconds())
        self.limit = limit
        self.open_error: Exception | None = None  # of the last connection that did not open
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix="mail")
        self._opening: set[Future[Connection]] = set()
        self._idle: list[Connection] = []
        self._sending: dict[Future[Exception | None], _Sending] = {}

    @property
    def idle(self) -> int:
        return len(self._idle)

    @property
    def in_use(self) -> bool:
        return bool(self._sending)

    def domains_in_use(self) -> Counter[str]:
        """How many connections are sending to each domain."""
        return Counter(sending.delivery.domain for sending in self._sending.values())

    def slow_domains(self) -> set[str]:
        slow_since = monotonic() - SLOW_AFTER.total_seconds()
        return {
            sending.delivery.domain
            for future, sending in self._sending.items()
            if sending.since < slow_since and not future.done()
        }

    def open_for(self, mails: int) -> None:
        """Open what is missing to send so many mails now, within the limit."""
        needed = min(self.limit, mails + len(self._sending))
        existing = len(self._opening) + len(self._idle) + len(self._sending)
        for _ in range(needed - existing):
            self._opening.add(self._pool.submit(Connection().open))

    def send(self, delivery: Delivery, mail: EmailMessage) -> None:
        """On an idle connection, of which there must be one."""
        connection = self._idle.pop()
        future = self._pool.submit(connection.send, mail)
        self._sending[future] = _Sending(delivery, connection, monotonic())

    def results(self, timeout: timedelta) -> list[Result]:
        """Of mails sent since the last call; waits until there is a result or a new connection."""
        pending: list[Future[Any]] = [*self._sending, *self._opening]
        if not pending:
            sleep(timeout.total_seconds())
            return []
        wait(pending, timeout.total_seconds(), FIRST_COMPLETED)
        wait(self._sending, RESULT_BATCH_WAIT.total_seconds())
        self._collect_opened()
        return self._collect_results()

    def _collect_opened(self) -> None:
        for future in [future for future in self._opening if future.done()]:
            self._opening.remove(future)
            try:
                self._idle.append(future.result())
            except OSError as error:
                self.open_error = error
                self.limit -= 1  # perhaps the relay does not allow that many

    def _collect_results(self) -> list[Result]:
        results = []
        for future in [future for future in self._sending if future.done()]:
            sending = self._sending.pop(future)
            result = Result(sending.delivery, future.result())
            results.append(result)
            if result.verdict is None or not result.verdict.connection_failed:
                self._idle.append(sending.connection)
        return results

    def close(self) -> None:
        """Without waiting for the relay. Call it when nothing is being sent."""
        for opening in self._opening:
            opening.add_done_callback(_close_opened)
        for connection in self._idle:
            self._pool.submit(connection.close)
        self._pool.shutdown(wait=False)


def _close_opened(opening: Future[Connection]) -> None:
    if not opening.cancelled() and not opening.exception():
        opening.result().close()
