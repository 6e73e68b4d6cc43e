"""The Celery task of notifications: looks for news of readers at every sweep."""

from celery import shared_task
from django.utils import timezone

from notifications import events
from notifications.models import Notification


@shared_task
def sweep() -> None:
    events.note_new(timezone.now())
    Notification.objects.delete_old(timezone.now())
