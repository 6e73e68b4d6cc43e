"""A day of the site's calendar, which TIME_ZONE names."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def midnight(day: date) -> datetime:
    """When this day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def next_midnight(now: datetime) -> datetime:
    """When tomorrow begins, and what runs every night is due again."""
    return midnight(timezone.localdate(now) + timedelta(days=1))
