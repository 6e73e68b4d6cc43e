"""Celery tasks: send confirmations, digests and notifications, publish the archive."""

from ctypes import c_bool
from multiprocessing import RawValue
from typing import Any

from celery import shared_task
from celery.signals import celeryd_init
from django.conf import settings
from django.utils import timezone

from subscriptions.durations import duration_setting
from subscriptions.issues import archive
from subscriptions.models import Delivery, NotificationMail, Subscriber
from subscriptions.orders import opt_in
from subscriptions.sending import notification_mails, run

# Tasks for one long issue: each runs for a minute, and more would leave no worker process for
# confirmations.
MAX_SENDING_TASKS = 2
MAILS_PER_TASK = 500
# Shared memory, created before the pool forks, so that its processes see the parent's change.
# Without a lock: it is set in a signal handler, and read by processes that may be killed.
shutting_down = RawValue(c_bool, False)


@celeryd_init.connect
def on_soft_shutdown(instance: Any, **_: object) -> None:
    """Set `shutting_down` before the soft shutdown, the seconds in which tasks may finish.

    Celery's own signal, worker_shutting_down, is sent only after them.
    """
    wait = instance.wait_for_soft_shutdown

    def set_flag_and_wait() -> None:
        shutting_down.value = True
        wait()

    instance.wait_for_soft_shutdown = set_flag_and_wait


@shared_task
def sweep() -> None:
    """Start a task for whatever is due, also for what a broker that lost its queue forgot."""
    Subscriber.objects.never_confirmed(timezone.now()).delete()
    if settings.SENDING_HELD:
        return
    for subscriber in Subscriber.objects.awaiting_confirmation_mail(timezone.now()):
        send_confirmation.delay(subscriber.pk)
    NotificationMail.objects.of_unsent_digests(timezone.now()).give_back()
    for reader_id in NotificationMail.objects.readers_due(timezone.now()):
        send_notifications.delay(reader_id)
    run.prepare(timezone.now())
    archive.publish(timezone.now())
    due = Delivery.objects.due(timezone.now())[: MAX_SENDING_TASKS * MAILS_PER_TASK].count()
    for _ in range(-(-due // MAILS_PER_TASK)):
        send_deliveries.delay()


@shared_task
def send_confirmation(subscriber_id: int) -> None:
    opt_in.send_link(subscriber_id, timezone.now())


@shared_task
def send_notifications(reader_id: int) -> None:
    notification_mails.send(reader_id, timezone.now())


@shared_task
def send_deliveries() -> None:
    """Not longer than from one sweep to the next, so that confirmations need not wait.

    On shutdown the mails that are being sent are finished and the rest is left.
    """
    run.run(timezone.now(), duration_setting("MAIL_RUN_SECONDS"), lambda: shutting_down.value)
