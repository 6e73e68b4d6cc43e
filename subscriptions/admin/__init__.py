"""Admin pages for curators: subscribers, issues and their mail."""

from subscriptions.admin import issues, mail, subscribers

__all__ = ["issues", "mail", "subscribers"]
