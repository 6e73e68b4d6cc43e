"""Leases and intervals of mail; each is a setting in seconds, so that a test can shorten it."""

from datetime import timedelta

from django.conf import settings


def duration_setting(name: str) -> timedelta:
    return timedelta(seconds=getattr(settings, name))
