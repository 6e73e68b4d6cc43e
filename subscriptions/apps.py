"""Subscriptions: digests by mail."""

from urllib.parse import urlencode

from django.apps import AppConfig
from django.urls import reverse

from papers.web.page_links import FilterValue, register_subscribing
from papers.web.page_parts import PagePart, register_part
from subscriptions.orders.time_zones import UTC_OFFSETS


class SubscriptionsConfig(AppConfig):
    name = "subscriptions"

    def ready(self) -> None:
        register_subscribing(_subscribe_url, UTC_OFFSETS)
        register_part(PagePart("notification emails", "subscriptions/_notification_emails.html"))
        register_part(PagePart("own list", "subscriptions/_get_by_email.html"))


def _subscribe_url(filters: dict[str, FilterValue]) -> str:
    """The subscribe form, which proposes what the page with the link is filtered by."""
    query = urlencode(filters, doseq=True)
    return reverse("subscriptions:subscribe") + (f"?{query}" if query else "")
