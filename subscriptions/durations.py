"""Every lease and interval of mail: each a setting, so that a test can shorten it."""

from datetime import timedelta

from django.conf import settings


def limit(name: str) -> timedelta:
    return timedelta(seconds=getattr(settings, name))
