"""How long a claimed row belongs to one worker; after that the worker counts as dead.

Such a row has a column `lease_until`, which is empty while no worker has claimed it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q


def lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def unclaimed(now: datetime) -> Q:
    """The condition that no worker holds a lease that is still valid."""
    return Q(lease_until=None) | Q(lease_until__lt=now)
