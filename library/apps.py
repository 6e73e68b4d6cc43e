"""What readers keep: saved papers, read marks, lists of their own, private notes."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
