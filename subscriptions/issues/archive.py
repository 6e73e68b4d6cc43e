"""The general digest of each issue: everything, settled once, for anybody to read.

It is made as one for a subscriber to everything whose clock is the site's, so no paper stands in
two issues of one frequency.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from subscriptions import schedule
from subscriptions.durations import limit
from subscriptions.issues import recipients
from subscriptions.issues.contents import WINDOW, Shelf
from subscriptions.models import Frequency, Issue, Subscription
from subscriptions.models.subscriber import DEFAULT_HOUR

REMEMBERED = WINDOW + timedelta(days=8)  # an issue's days, and what it could choose from


@dataclass(frozen=True, slots=True)
class Rhythm:
    frequency: str
    weekday: int = 0


RHYTHMS = [Rhythm(frequency) for frequency in Frequency.values]


def publish(now: datetime) -> list[Issue]:
    """Whatever is out and not yet settled, unless it is stale by now as its mails would be.

    Two who do this at once settle it once.
    """
    zone = timezone.get_default_timezone()
    since, stale = now - schedule.LOOK_BACK, now - limit("MAIL_STALE_SECONDS")
    out = schedule.issues_due(RHYTHMS, DEFAULT_HOUR, zone, since, now)
    due = [it for it in out if it.at > stale]
    recent = Issue.objects.filter(first_day__gte=(now - REMEMBERED).date())
    settled = set(recent.filter(published_at__isnull=False).values_list("frequency", "period"))
    left = [it for it in due if (it.frequency, it.period.name) not in settled]
    if not left:
        return []
    issues, shelf = recipients.issues(left), Shelf(now)
    unsettled = [issues[it.frequency, it.period.name] for it in left]
    return [issue for issue in unsettled if _settle(issue, shelf, now)]


def _settle(issue: Issue, shelf: Shelf, now: datetime) -> bool:
    earlier = Issue.objects.filter(
        frequency=issue.frequency, first_day__gte=issue.first_day - REMEMBERED
    ).exclude(pk=issue.pk)
    had = {paper for papers in earlier.values_list("papers", flat=True) for paper in papers}
    everything = Subscription(frequency=issue.frequency)
    papers = [paper for _, paper in shelf.choose([everything], had)]
    free = Issue.objects.filter(pk=issue.pk, published_at=None)
    return free.update(papers=papers, published_at=now) == 1
