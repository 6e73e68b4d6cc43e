"""How long a claimed row belongs to one worker; after that the worker counts as dead."""

from datetime import timedelta

from django.conf import settings


def lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)
