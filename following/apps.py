"""What readers follow and mute: topics, authors, searches, lists, institutions, other readers."""

from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "following"
