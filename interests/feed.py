"""The private feed of *For you*, which `following` gives a secret address."""

from dataclasses import replace
from html import escape

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from interests.for_you import Suggestion, newest_papers, suggest_to
from papers.feeds.responses import Feed, Item, feed_items

MAX_ENTRIES = 30


def for_you_feed(reader: User) -> Feed:
    """What fits the reader's interests best among the papers of the last days, and why."""
    suggestions = suggest_to(reader, newest_papers(), MAX_ENTRIES)
    items = feed_items(suggestion.paper for suggestion in suggestions)
    return Feed(
        title=f"For you · {settings.SITE_NAME}",
        description="The papers of the last seven days that fit your interests best.",
        page=reverse("interests:for_you"),
        items=[_with_reason(item, one) for item, one in zip(items, suggestions, strict=True)],
    )


def _with_reason(item: Item, suggestion: Suggestion) -> Item:
    return replace(item, html=f"<p><em>{escape(suggestion.reason)}</em></p>{item.html}")
