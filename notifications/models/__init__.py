"""The tables of notifications, one file for each noun, with its queries."""

from notifications.models.mail_choice import MailChoice
from notifications.models.notification import Notification

__all__ = ["MailChoice", "Notification"]
