"""When: confirmations and digests that are due, the archive, and addresses to forget."""

from ctypes import c_bool
from multiprocessing import RawValue
from typing import Any

from celery import shared_task
from celery.signals import celeryd_init
from django.utils import timezone

from subscriptions.durations import limit
from subscriptions.issues import archive
from subscriptions.models import Delivery, Subscriber
from subscriptions.orders import opt_in
from subscriptions.sending import run

# Of one long issue: more would leave nobody for confirmations, as each is busy for a minute.
WORKERS, MAILS_FOR_ONE = 2, 500
# Made before the pool forks, so that its processes hear when the worker is told to end.
# No lock: it is set where a signal interrupts, and read by processes that may be killed.
is_ending = RawValue(c_bool, False)


@celeryd_init.connect
def hear_of_the_end(instance: Any, **_: object) -> None:
    """Before the soft shutdown, which is our time to end: Celery's own signal comes after it."""
    wait = instance.wait_for_soft_shutdown

    def end() -> None:
        is_ending.value = True
        wait()

    instance.wait_for_soft_shutdown = end


@shared_task
def sweep() -> None:
    """Ring for whatever is due; what a lost broker forgot comes back here."""
    for subscriber in Subscriber.objects.awaiting_confirmation_mail(timezone.now()):
        send_confirmation.delay(subscriber.pk)
    run.prepare(timezone.now())
    archive.publish(timezone.now())
    due = Delivery.objects.to_do(timezone.now())[: WORKERS * MAILS_FOR_ONE].count()
    for _ in range(-(-due // MAILS_FOR_ONE)):
        send_deliveries.delay()
    Subscriber.objects.never_confirmed(timezone.now()).delete()


@shared_task
def send_confirmation(subscriber_id: int) -> None:
    opt_in.send_link(subscriber_id, timezone.now())


@shared_task
def send_deliveries() -> None:
    """Not longer than from one sweep to the next, so that confirmations need not wait.

    A worker that is told to end finishes what is on the wire and leaves the rest.
    """
    run.run(timezone.now(), limit("MAIL_RUN_SECONDS"), lambda: is_ending.value)
