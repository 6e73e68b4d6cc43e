"""Subscribers, issues and their mail, for curators: what goes out, to whom, and how it fares."""

from subscriptions.admin import issues, mail, subscribers

__all__ = ["issues", "mail", "subscribers"]
