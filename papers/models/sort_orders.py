"""The orders in which papers are listed, by the names that addresses use: `?sort=new`.

One home for pages, feeds, the API, the search and the digests. A new order is a name here and its
columns in ORDER_BY.
"""

from typing import Any

from django.db import models
from django.db.models import F


class SortOrder(models.TextChoices):
    """A name in addresses, and its label on pages; the first is the default of a list."""

    HOT = "hot", "Hot"
    UPVOTES = "upvotes", "Upvotes"
    NEW = "new", "New"


HOTTEST_FIRST = (F("hotness").desc(nulls_last=True), "key")
ORDER_BY: dict[str, tuple[Any, ...]] = {
    SortOrder.HOT: HOTTEST_FIRST,
    SortOrder.UPVOTES: ("-upvotes", *HOTTEST_FIRST),
    SortOrder.NEW: (
        F("listed_on").desc(nulls_last=True),
        F("submitted_at").desc(nulls_last=True),
        "key",
    ),
}
# The page of a day sorted by hotness: picks, then the positions that a curator set.
CURATED_ORDER = ("-featured", F("position").asc(nulls_last=True), *HOTTEST_FIRST)
# A digest spans days, and a position is one of a day.
DIGEST_ORDER = ("-featured", *HOTTEST_FIRST)
