"""Sends the digests that are due: claim, compose, render, send, record.

Any number of processes may run this at the same time: deliveries are claimed, and the send gate
lets only one of them send a delivery. Of each process one thread uses the database; the mails are
sent by the threads of Connections.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from subscriptions.issues import recipients
from subscriptions.models import Delivery, Suppression
from subscriptions.sending.connections import Connections, Result
from subscriptions.sending.mail_queue import MailQueue, QueuedMail
from subscriptions.sending.relay_health import RelayHealth
from subscriptions.sending.verdicts import Verdict

CLAIM_BATCH_SIZE = 100
POLL_INTERVAL = timedelta(seconds=0.2)  # while all that is due must wait
DATABASE_OUTAGE_TIMEOUT = timedelta(seconds=60)
MAX_ERROR_CHARS = 1000
NO_WAIT = timedelta()
logger = logging.getLogger(__name__)


def run(
    now: datetime, max_duration: timedelta | None = None, stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Send everything that is due; the number of deliveries by the state in which they ended.

    `now` may be another time than the present one. After `max_duration`, and once `stop` returns
    True, mails that are being sent are finished and the rest is left to other runs. Nothing is
    sent while SENDING_HELD is set.
    """
    if settings.SENDING_HELD:
        return Counter()
    prepare(now)
    clock = _clock_from(now)
    is_over = stop if max_duration is None else lambda: stop() or clock() >= now + max_duration
    return _Run(clock, is_over).until_done()


def prepare(now: datetime) -> None:
    """Create the deliveries of the issues that are due; settle those left by dead workers."""
    while recipients.plan_anew(timezone.now()):  # by the true time, also where `now` is another
        pass
    while recipients.create_deliveries(now):
        pass
    Delivery.objects.recover_from_dead_workers()
    Delivery.objects.expire(now)


class _Run:
    """What one process does until nothing is due, or until its time is over."""

    def __init__(self, clock: Callable[[], datetime], is_over: Callable[[], bool]) -> None:
        self.clock = clock
        self.is_over = is_over
        self.account: Counter[str] = Counter()
        self.queue = MailQueue(clock(), self.account)
        self.connections = Connections(settings.MAIL_CONNECTIONS)
        self.relay = RelayHealth()
        self.next_claim_at = 0.0

    def until_done(self) -> Counter[str]:
        try:
            while not self.is_over() and not self.relay.down_because:
                self._claim()
                if not (self.queue or self.connections.in_use) and not self._waits_for_rate():
                    break
                self._send_and_record()
        finally:
            self._finish()
        if self.relay.down_because:
            logger.error("Digests wait: %s", self.relay.down_because)
        return self.account

    def _claim(self) -> None:
        limit, in_use = self.connections.limit, self.connections.domains_in_use()
        slow = self.connections.slow_domains()
        has_work = self.queue or in_use
        if has_work and monotonic() < self.next_claim_at:
            return
        if not self.queue.is_short(limit, in_use, slow):
            return
        claimed = Delivery.objects.claim(self.clock(), CLAIM_BATCH_SIZE, exclude_domains=slow)
        if claimed:
            self.queue.add(claimed, self.clock())
        else:
            self.next_claim_at = monotonic() + POLL_INTERVAL.total_seconds()

    def _waits_for_rate(self) -> bool:
        return Delivery.objects.any_wait_for_rate(self.clock())

    def _send_and_record(self) -> None:
        """Give mails to idle connections, and record what became of earlier ones."""
        self.queue.render_ahead(self.connections.limit, self.clock())
        self.connections.open_for(len(self.queue))
        results = unrecorded = self.connections.results(
            NO_WAIT if self._next_mails() else POLL_INTERVAL
        )
        if any(result.error for result in results):
            self._record(results, [])  # before others leave: what failed may pause their issue
            unrecorded = []
        self.relay.note_results(results)
        chosen = [] if self.relay.down_because else self._next_mails()
        leaving = self.queue.take(chosen, self.clock())
        if unrecorded or leaving:
            self._record_and_send(unrecorded, leaving)
        self.relay.note_connections(self.connections)

    def _next_mails(self) -> list[QueuedMail]:
        """One for each idle connection, if there are as many that may be sent now."""
        connections = self.connections
        in_use, slow = connections.domains_in_use(), connections.slow_domains()
        return self.queue.next_mails(connections.idle, connections.limit, in_use, slow)

    def _record_and_send(
        self, results: Sequence[Result], leaving: Sequence[tuple[Delivery, EmailMessage]]
    ) -> None:
        may_leave = self._record(results, [delivery for delivery, _ in leaving])
        for delivery, mail in leaving:
            if delivery.pk in may_leave:
                self.connections.send(delivery, mail)
            else:
                delivery.withhold()
                self.account[delivery.state] += 1

    def _record(self, results: Sequence[Result], leaving: Sequence[Delivery]) -> set[int]:
        """Record results and set others to `sending`, in one commit; which of these may be sent.

        While the database is away this waits: what is known here must not become uncertain.
        """
        sent = [result.delivery for result in results if not result.error]
        failures = [result for result in results if result.error]
        give_up_at = monotonic() + DATABASE_OUTAGE_TIMEOUT.total_seconds()
        is_retry = False
        while True:
            try:
                if not failures:
                    may_leave = self._start_sending(leaving, sent, is_retry)
                else:
                    with transaction.atomic():
                        for failure in failures:
                            _record_failure(failure, self.clock())
                        may_leave = self._start_sending(leaving, sent, is_retry)
                break
            except (OperationalError, InterfaceError) as error:
                if connection.in_atomic_block or monotonic() > give_up_at:
                    raise
                logger.warning("The database is away: %s", error)
                connection.close()
                sleep(POLL_INTERVAL.total_seconds())
                is_retry = True  # it may have committed, and only its answer was lost
        self.account.update(result.delivery.state for result in results)
        return may_leave

    def _start_sending(
        self, leaving: Sequence[Delivery], sent: Sequence[Delivery], is_retry: bool
    ) -> set[int]:
        return Delivery.objects.start_sending(leaving, sent, self.clock(), is_retry=is_retry)

    def _finish(self) -> None:
        """Wait for mails that are being sent; leave the rest to other runs."""
        while self.connections.in_use:
            if results := self.connections.results(POLL_INTERVAL):
                self._record(results, [])
                self.relay.note_results(results)
        self.connections.close()
        Delivery.objects.release(self.queue.deliveries)


def _record_failure(failure: Result, now: datetime) -> None:
    delivery, reason = failure.delivery, str(failure.error)[:MAX_ERROR_CHARS]
    match failure.verdict:
        case Verdict.NOT_SENT if delivery.attempts == 1:
            delivery.release()
        case Verdict.LOGIN_REFUSED:
            delivery.release()
        case Verdict.NOT_SENT | Verdict.TEMPORARY:  # NOT_SENT again: other mails come first
            delivery.defer(now, reason)
        case Verdict.PERMANENT | Verdict.BLOCKED:
            delivery.fail(reason)
        case Verdict.NO_SUCH_MAILBOX:
            delivery.fail(reason)
            Suppression.objects.add(delivery.subscriber.address, Suppression.Reason.HARD_BOUNCE)
        case _:
            delivery.mark_uncertain(now, reason)


def _clock_from(now: datetime) -> Callable[[], datetime]:
    """A clock that shows `now` at first, as sending may take long."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)
