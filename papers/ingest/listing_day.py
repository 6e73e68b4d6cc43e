"""Which day's page a paper goes to when an entry of it arrives."""

from datetime import date, datetime
from enum import Enum

from django.utils import timezone

from papers.models import Paper
from papers.sources import Entry


class ListingRule(Enum):
    """What the arrival of an entry does to the pages; the caller of `upsert` chooses."""

    OWN_DAY_OR_TODAY = "day"  # the entry's listed_on, else its announced_on, else today
    GIVEN_DAY = "given"  # the entry's listed_on; without one, no page
    QUEUE = "queue"  # no page until a curator lists it
    UNLISTED = "nowhere"


def list_paper(paper: Paper, entry: Entry, now: datetime, rule: ListingRule) -> None:
    """Put a paper on a page or in the queue. Not saved.

    Only once: its day never changes, and a paper that a curator took off its page stays off.
    """
    if paper.listed_at is not None or rule is ListingRule.UNLISTED:
        return
    if rule is ListingRule.QUEUE:
        paper.listing_wanted = True
        return
    today = timezone.localdate(now)
    day: date | None = entry.listed_on
    if rule is ListingRule.OWN_DAY_OR_TODAY:
        day = day or entry.announced_on or today
    if day is not None:
        paper.listed_on, paper.listed_at = min(day, today), now
        paper.listing_wanted = False
