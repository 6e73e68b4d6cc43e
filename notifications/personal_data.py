"""Exports a reader's notifications and choices of email; deleting the account deletes them."""

from typing import Any

from accounts.models import User
from notifications.models import MailChoice, Notification


def export(user: User) -> dict[str, Any]:
    """As values for JSON."""
    rows = Notification.objects.of_reader(user).with_subjects()
    return {
        "notifications": [
            {
                "what": row.headline,
                "title": row.title,
                "happened_at": row.happened_at,
                "read_at": row.read_at,
            }
            for row in rows
        ],
        "email_about": MailChoice.objects.kinds_of(user),
    }
