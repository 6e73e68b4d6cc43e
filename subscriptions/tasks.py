"""When: confirmations and digests that are due, the archive, and addresses to forget."""

from celery import shared_task
from django.utils import timezone

from subscriptions import archive, digests, opt_in
from subscriptions.limits import limit
from subscriptions.models import Delivery, Subscriber


@shared_task
def sweep() -> None:
    """Ring for whatever is due; what a lost broker forgot comes back here."""
    for subscriber in Subscriber.objects.to_be_asked(timezone.now()):
        send_confirmation.delay(subscriber.pk)
    digests.prepare(timezone.now())
    archive.publish(timezone.now())
    if Delivery.objects.to_do(timezone.now()).exists():
        send_deliveries.delay()
    Subscriber.objects.never_confirmed(timezone.now()).delete()


@shared_task
def send_confirmation(subscriber_id: int) -> None:
    opt_in.mail_link(subscriber_id, timezone.now())


@shared_task
def send_deliveries() -> None:
    """Not longer than from one sweep to the next, so that confirmations need not wait."""
    digests.run(timezone.now(), limit("MAIL_RUN_SECONDS"))
