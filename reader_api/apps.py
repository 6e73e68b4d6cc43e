"""The API for one's own saves, votes, lists and notes, with a token."""

from django.apps import AppConfig


class ReaderApiConfig(AppConfig):
    name = "reader_api"
