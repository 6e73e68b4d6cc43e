"""What happened that concerns a reader: replies, submissions, followed authors."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
