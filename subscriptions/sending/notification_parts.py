"""What an email says about notifications, whether it is a digest or one of their own."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from notifications.models import Notification
from subscriptions import tokens
from subscriptions.sending.digest_parts import MAX_HEADING_CHARS, MAX_TITLE_CHARS
from subscriptions.sending.plain_text import one_line, truncate, wrap
from subscriptions.tokens import Purpose


def context(rows: Sequence[Notification], max_events: int) -> dict[str, Any]:
    """For the templates: the first of these notifications of one reader, and links about them."""
    reader_id = rows[0].reader_id
    token = tokens.make(Purpose.STOP_NOTIFICATIONS, reader_id, 1)
    return {
        "events": [_event(row) for row in rows[:max_events]],
        "more": max(0, len(rows) - max_events),
        "page_url": settings.SITE_URL + reverse("notifications:notifications"),
        "stop_url": settings.SITE_URL + tokens.path("stop_notifications", token),
    }


def _event(row: Notification) -> dict[str, str]:
    detail = one_line(row.detail)
    event = {
        "headline": truncate(one_line(row.headline), MAX_HEADING_CHARS),
        "title": truncate(one_line(row.title), MAX_TITLE_CHARS),
        "detail": f"“{detail}”" if detail and row.comment else detail,
        "url": settings.SITE_URL + row.url,
    }
    lines = [f"{event['headline']}:", event["title"], event["detail"]]
    text = [*(wrap(line) for line in lines if line), event["url"]]
    return event | {"text": "\n".join(text)}
