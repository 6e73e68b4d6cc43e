"""Subscriptions: who gets which papers by mail, and when."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"
