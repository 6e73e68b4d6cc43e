"""Admin pages for curators: subscribers, issues and their mail."""

from subscriptions.admin import issues, mail, subscribers, suppressions

__all__ = ["issues", "mail", "subscribers", "suppressions"]
