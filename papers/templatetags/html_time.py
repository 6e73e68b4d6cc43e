"""Template filters for dates and times."""

from datetime import datetime

from django import template
from django.utils.dateformat import format as format_date

register = template.Library()


@register.filter(expects_localtime=True)
def html_moment(moment: datetime) -> str:
    """For `<time datetime="…">`, in the site's time zone: 2025-03-14T06:12:00+0000."""
    return format_date(moment, r"Y-m-d\TH:i:sO")
