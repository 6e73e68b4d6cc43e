"""A digest goes out once for each subscriber and issue.

Any number of processes may run this at the same time: rows are claimed, and the last step before
the wire passes one of them only.
"""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.mail import get_connection

from subscriptions import audience, contents, emails
from subscriptions.models import Delivery
from subscriptions.smtp import FAILURES, Verdict, verdict

CLAIM_AT_ONCE = 20
MOST_LOSSES = 3  # connections lost in a row, until the relay is left alone for a while
logger = logging.getLogger(__name__)


class RelayDown(Exception):
    """No mail can leave now; none is the worse for it."""


def run(now: datetime, at_most: timedelta | None = None) -> Counter[str]:
    """Everything that is due, over one connection; how many deliveries ended in which state."""
    account: Counter[str] = Counter()
    clock, losses = _clock(now), 0
    claimed: list[Delivery] = []
    prepare(now)
    connection = get_connection()
    try:
        while at_most is None or clock() < now + at_most:
            claimed = Delivery.objects.claim(clock(), CLAIM_AT_ONCE)
            if not claimed:
                break
            while claimed:
                state = send(claimed.pop(0), clock(), connection)
                account[state] += 1
                losses = losses + 1 if state == Delivery.State.PENDING else 0
                if losses == MOST_LOSSES:
                    raise RelayDown(f"{losses} connections were lost in a row")
    except RelayDown as error:
        logger.error("Digests wait, as the relay takes no mail: %s", error)
        for waiting in claimed:
            waiting.put_back()
    finally:
        _close(connection)
    return account


def prepare(now: datetime) -> None:
    """Who gets which issue is settled here, once; what is left behind or too old is put away."""
    while audience.freeze(now):
        pass
    Delivery.objects.recover()
    Delivery.objects.expire(now)


def send(delivery: Delivery, now: datetime, connection: Any = None) -> str:
    """One claimed delivery; the state that it ends in."""
    connection = connection or get_connection()
    _open(connection, delivery)
    if not delivery.start(delivery.stable_id):
        return delivery.state
    try:
        sections = contents.of(delivery, now)
        orders = delivery.subscriber.subscriptions.select_related("topic")
        content = emails.digest(delivery.issue, sections, "; ".join(map(str, orders)))
        message = emails.personal(content, delivery)
    except Exception as error:  # one poisonous paper must not keep the others' mail
        logger.exception("Delivery %s cannot be composed", delivery.pk)
        delivery.defer(now, f"cannot be composed: {error!r}")
        return delivery.state
    if not sections:
        delivery.leave_empty()
    elif not delivery.put_on_wire():
        delivery.stop()
    else:
        _hand_over(message, delivery, now, connection)
    return delivery.state


# --- The wire ---


def _open(connection: Any, delivery: Delivery) -> None:
    try:
        connection.open()
    except OSError as error:
        delivery.put_back()
        raise RelayDown(str(error)) from error


def _hand_over(message: Any, delivery: Delivery, now: datetime, connection: Any) -> None:
    try:
        connection.send_messages([message])
    except FAILURES as error:
        why = str(error)[:1000]
        match verdict(error):
            case Verdict.NOT_TAKEN if delivery.attempts == 1:
                _close(connection)
                delivery.put_back()
            case Verdict.NOT_TAKEN:  # at this mail again: it must not hold up the others
                _close(connection)
                delivery.defer(now, why)
            case Verdict.LATER:
                delivery.defer(now, why)
            case Verdict.NEVER:
                delivery.fail(why)
            case Verdict.DOUBT:
                _close(connection)
                delivery.doubt(why)
    else:
        delivery.arrive(now)


def _close(connection: Any) -> None:
    with suppress(OSError):  # it may have been lost long ago
        connection.close()


def _clock(now: datetime) -> Callable[[], datetime]:
    """Time goes on from the given moment: sending may take long."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)
