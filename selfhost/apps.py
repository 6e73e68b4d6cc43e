"""Runs a whole site on one machine: `manage.py up` and the servers that come from wheels."""

from django.apps import AppConfig


class SelfhostConfig(AppConfig):
    name = "selfhost"
