"""The orders in which papers are listed, by the names that addresses use: `?sort=new`.

One home for pages, feeds, the API, the search and the digests: the names, their columns, and which
of them a kind of list has where its reader chose none.
"""

from typing import Any

from django.db import models
from django.db.models import F


class SortOrder(models.TextChoices):
    """A name in addresses, and its label on pages."""

    HOT = "hot", "Hot"
    UPVOTES = "upvotes", "Top"
    NEW = "new", "New"
    DISCUSSED = "discussed", "Discussed"


# Among papers as hot as each other the newest, by its arXiv id.
HOTTEST_FIRST = (F("hotness").desc(nulls_last=True), "-key")
ORDER_BY: dict[str, tuple[Any, ...]] = {
    SortOrder.HOT: HOTTEST_FIRST,
    SortOrder.UPVOTES: ("-upvotes", *HOTTEST_FIRST),
    SortOrder.NEW: (
        F("listed_on").desc(nulls_last=True),
        F("submitted_at").desc(nulls_last=True),
        "key",
    ),
    SortOrder.DISCUSSED: ("-comment_count", *HOTTEST_FIRST),
}
# The page of a day and its digest: picks before hotness. The positions that a curator set rearrange
# both (day_order.py).
PICKS_FIRST = ("-featured",)
CURATED_ORDER = (*PICKS_FIRST, *HOTTEST_FIRST)
MOST_VOTED_KINDS = ("week", "month")  # where hotness would show the last two days alone


def default_sort(kind: str) -> SortOrder:
    """The order of a list of this kind (`week`, `trending`), on its page and in the API."""
    return SortOrder.UPVOTES if kind in MOST_VOTED_KINDS else SortOrder.HOT


def default_feed_sort(kind: str) -> SortOrder:
    """The order of its feed: elsewhere than in weeks and months an entry keeps its place."""
    return SortOrder.UPVOTES if kind in MOST_VOTED_KINDS else SortOrder.NEW


def digest_order(kind: str) -> tuple[Any, ...]:
    """The columns that sort a section of a digest, by the kind of period that it covers."""
    is_most_voted = default_sort(kind) == SortOrder.UPVOTES
    return ORDER_BY[SortOrder.UPVOTES] if is_most_voted else CURATED_ORDER
