"""For how long a row in hand is one worker's alone; then whoever held it counts as dead."""

from datetime import timedelta

from django.conf import settings


def lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)
