"""A day of the site's calendar, which TIME_ZONE names."""

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """When this day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))
