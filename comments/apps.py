"""Discussions under papers."""

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"
