"""What to do once a database was restored from an older copy: nothing is mailed a second time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from notifications import events
from notifications.models import Notification
from subscriptions import departure_log, personal_data
from subscriptions.departure_log import Departure
from subscriptions.models import Delivery, NotificationMail, SentMark, Subscriber, Suppression
from subscriptions.models.delivery import QUEUED_STATES


@dataclass(frozen=True, slots=True)
class Result:
    left: int  # subscribers who had left since the copy was made, and who left again now
    cancelled: int  # deliveries that were waiting, and will not be sent
    planned: int  # subscribers who got the time of their next issue


@transaction.atomic
def mark_as_sent(now: datetime) -> Result:
    """Count everything until now as sent: papers, issues, notifications, requested confirmations.

    Those who left, by the log kept beside the database, leave again.
    """
    left = sum(_leave_again(*departure) for departure in _departures())
    SentMark.objects.all().delete()
    SentMark.objects.create(at=now)
    waiting = Delivery.objects.filter(state__in=QUEUED_STATES)
    cancelled = waiting.count()
    NotificationMail.objects.filter(delivery__in=waiting).delete()  # or they would be given back
    waiting.finish(Delivery.State.EXPIRED)
    # One that was being sent when the copy was made has been sent, or nobody can tell.
    Delivery.objects.filter(state=Delivery.State.SENDING).update(
        state=Delivery.State.UNCERTAIN,
        lease_until=None,
        last_error="it was being sent when this copy of the database was made",
    )
    events.note_new(now)
    Notification.objects.filter(mailed_at=None).update(mailed_at=now)
    Subscriber.objects.filter(asked_at__lte=now).update(wishes=None)
    planned = Subscriber.objects.active().prefetch_related("subscriptions")
    for subscriber in planned:
        subscriber.schedule_next_issue(now)
    return Result(left, cancelled, len(planned))


def _departures() -> Iterator[tuple[Subscriber, str, Departure]]:
    """Each subscriber with what they did after they last confirmed, or what was done to them.

    The text is the address, or `@` and the domain, that the departure names.
    """
    by_hash: dict[str, list[Departure]] = {}
    for departure in departure_log.read():
        by_hash.setdefault(departure.address_hash, []).append(departure)
    if not by_hash:
        return
    for subscriber in Subscriber.objects.iterator():
        for address in (subscriber.address, f"@{subscriber.domain}"):
            for address_hash in departure_log.hashes(address):
                for departure in by_hash.get(address_hash, []):
                    if not subscriber.confirmed_at or departure.at >= subscriber.confirmed_at:
                        yield subscriber, address, departure


def _leave_again(subscriber: Subscriber, address: str, departure: Departure) -> bool:
    """Whether this changed anything."""
    if departure.what == departure_log.ERASED:
        personal_data.erase(subscriber.address)
        return True
    if departure.what == departure_log.ALLOWED:
        Suppression.objects.lift(address)
        return False
    reason, _, scope = departure.what.partition("/")
    if reason in Suppression.Reason.values:
        is_known = Suppression.objects.for_address(address).exists()
        Suppression.objects.add(address, reason, scope)
        return not is_known
    was_active = subscriber.unsubscribed_at is None
    subscriber.unsubscribe(departure.at)
    return was_active
