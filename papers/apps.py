"""Papers: where they come from, and where they are read."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "papers"
