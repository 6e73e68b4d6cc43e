"""Public pages of readers, and authors' claims to their papers."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "profiles"
