"""Celery tasks of interests: what all of them share, and the training of each."""

from celery import shared_task
from django.utils import timezone

from interests import site_background, training
from interests.models import Interest


@shared_task
def sweep() -> None:
    """Queue a task for every interest that is due."""
    if site_background.is_due(timezone.now()):
        update_background.delay()
    for interest in training.due(timezone.now()):
        train_interest.delay(interest.pk)


@shared_task
def update_background() -> None:
    """Each night, and when the vectors have changed."""
    site_background.update(timezone.now())


@shared_task(soft_time_limit=60, time_limit=90)  # less than a lease
def train_interest(interest_id: int) -> None:
    if interest := Interest.objects.due(timezone.now()).filter(pk=interest_id).first():
        training.train(interest, timezone.now())
