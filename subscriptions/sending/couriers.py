"""Who carries letters to the relay: a few threads, each with a connection of its own.

They know nothing of the database. A letter given to a courier is on the wire; what became of it
comes back as news, and so does every courier that has a working connection and nothing to carry.
"""

import smtplib
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from django.core.mail import EmailMessage, get_connection

from subscriptions.sending.smtp import FAILURES, Verdict, verdict

IDLE = 10.0  # seconds after which a connection is tried before a letter is trusted to it
TOGETHER = 0.0005  # seconds for which news waits for more: what comes together costs one commit
SWITCH = 0.001  # seconds for which a courier with a reply waits for the thread of the books
SLOW = 2.0  # seconds on the wire: such a domain gets half of the couriers at most


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter, what it is the letter of, and the domain that it goes to."""

    of: Any
    letter: EmailMessage
    domain: str


@dataclass(frozen=True, slots=True)
class News:
    """Of a parcel what became of it; without one, that a courier is free or cannot start."""

    courier: "Courier"
    parcel: Parcel | None = None
    error: Exception | None = None

    @property
    def verdict(self) -> Verdict | None:
        return verdict(self.error) if self.error else None

    @property
    def connection_holds(self) -> bool:
        return self.verdict not in {Verdict.NOT_TAKEN, Verdict.DOUBT, Verdict.LOCKED_OUT}


class Courier(Thread):
    def __init__(self, news: SimpleQueue[News]) -> None:
        super().__init__(daemon=True)  # a worker that is told to end does not wait for a relay
        self._news = news
        self._parcels: SimpleQueue[Parcel | None] = SimpleQueue()
        self._connection: Any = get_connection()
        self._used_at = 0.0
        self.carries: Parcel | None = None
        self.since = 0.0

    def give(self, parcel: Parcel | None) -> None:
        """None is the end of work."""
        self.carries, self.since = parcel, monotonic()
        self._parcels.put(parcel)

    def run(self) -> None:
        while self._is_ready():
            self._news.put(News(self))
            while True:
                parcel = self._parcels.get()
                if parcel is None:
                    return self._close()
                news = News(self, parcel, self._carry(parcel))
                self.since = float("inf")  # it is told, if not yet heard, and so not slow
                if not news.connection_holds:
                    self._close()
                self._news.put(news)
                if not news.connection_holds:
                    break
        return self._close()

    def _is_ready(self) -> bool:
        try:
            self._connection.open()
        except OSError as error:
            self._news.put(News(self, error=error))
            return False
        self._used_at = monotonic()
        return True

    def _carry(self, parcel: Parcel) -> Exception | None:
        try:
            if monotonic() - self._used_at > IDLE:
                self._renew()
            self._connection.send_messages([parcel.letter])
        except FAILURES as error:
            return error
        except Exception as error:  # ours or a library's: whether it left, nobody can tell
            return error
        self._used_at = monotonic()
        return None

    def _renew(self) -> None:
        """A connection that the relay gave up meanwhile is replaced before it costs a letter."""
        connection = getattr(self._connection, "connection", None)
        if connection is not None:
            with suppress(smtplib.SMTPException):
                if connection.noop()[0] == 250:
                    return
            self._close()
            self._connection.open()

    def _close(self) -> None:
        with suppress(OSError):  # it may have been lost long ago
            self._connection.close()


class Couriers:
    """As many as there is work for, up to a number."""

    def __init__(self, most: int) -> None:
        sys.setswitchinterval(SWITCH)
        self.most = most
        self._news: SimpleQueue[News] = SimpleQueue()
        self._hired: set[Courier] = set()
        self.free: list[Courier] = []

    def hire(self, work: int) -> None:
        while len(self._hired) < min(self.most, work + len(self.on_the_way)):
            courier = Courier(self._news)
            self._hired.add(courier)
            courier.start()

    @property
    def on_the_way(self) -> list[Courier]:
        return [courier for courier in self._hired if courier.carries]

    def news(self, patience: float) -> list[News]:
        """What became of parcels since the last time; of those who cannot start, the error."""
        told: list[News] = []
        with suppress(Empty):
            told.append(self._news.get(timeout=patience) if patience else self._news.get_nowait())
            until, most = monotonic() + TOGETHER, len(self.on_the_way)
            while True:
                rest = until - monotonic() if len(told) < most else 0
                told.append(self._news.get(timeout=rest) if rest > 0 else self._news.get_nowait())
        for it in told:
            if it.parcel:
                it.courier.carries = None
            if not it.parcel and it.error:
                self._hired.discard(it.courier)
                self.most -= 1  # perhaps that many are too many for the relay
            elif it.connection_holds:
                self.free.append(it.courier)
        return [it for it in told if it.parcel or it.error]

    def pick(
        self, parcels: Sequence[Parcel], most: int | None = None, others_wait: bool = False
    ) -> list[Parcel]:
        """One for each who is free. No domain takes more than half of them while others wait, and
        one that is slow takes no more at all, or it would keep them from those who come later."""
        most = len(self.free) if most is None else most
        slow = self.slow_domains
        carried = Counter(it.carries.domain for it in self.on_the_way if it.carries)
        picked: list[Parcel] = []
        left: list[Parcel] = []
        for parcel in parcels:
            if len(picked) == most:
                break
            if carried[parcel.domain] < max(1, self.most // 2):
                carried[parcel.domain] += 1
                picked.append(parcel)
            elif parcel.domain not in slow:
                left.append(parcel)
        return picked if others_wait else picked + left[: most - len(picked)]

    @property
    def slow_domains(self) -> set[str]:
        long_ago = monotonic() - SLOW
        return {
            courier.carries.domain
            for courier in self.on_the_way
            if courier.carries and courier.since < long_ago
        }

    def give(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            self.free.pop().give(parcel)

    def dismiss(self) -> None:
        for courier in self._hired:
            courier.give(None)
