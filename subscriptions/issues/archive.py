"""The public archive: publishes the general digest of each issue, the same for all readers.

It is composed as for a subscriber to everything in the site's time zone. No paper is in two issues
of one frequency.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from subscriptions import schedule
from subscriptions.durations import duration_setting
from subscriptions.issues import recipients
from subscriptions.issues.candidates import Candidates, site_day
from subscriptions.issues.digests import select_papers
from subscriptions.issues.paper_lists import CANDIDATE_WINDOW
from subscriptions.issues.section import ChosenSection, Section
from subscriptions.models import Frequency, Issue, Subscription
from subscriptions.models.subscriber import DEFAULT_HOUR
from subscriptions.models.subscription import EVERYTHING_TITLE

# How far back an issue can share papers with another: its days, and the days of its candidates.
REPEAT_WINDOW = CANDIDATE_WINDOW + timedelta(days=8)


def publish(now: datetime) -> list[Issue]:
    """Publish every issue that is due and not yet published, unless it is as stale as its mails.

    Two processes that do this at once publish it once. Returns the issues published here.
    """
    due = _issues_due(now)
    recent = Issue.objects.filter(first_day__gte=(now - REPEAT_WINDOW).date())
    published = set(recent.filter(published_at__isnull=False).values_list("frequency", "period"))
    due = [issue for issue in due if (issue.frequency, issue.period.name) not in published]
    if not due:
        return []
    issues = recipients.get_or_create_issues(due)
    candidates = Candidates(now)
    published_here = []
    for each in due:
        issue = issues[each.frequency, each.period.name]
        if _publish_issue(issue, _choose(issue, candidates, site_day(each.at)), now):
            published_here.append(issue)
    return published_here


def general_sections(issue: Issue, now: datetime) -> list[Section]:
    """The published digest of this issue, or what it would be now."""
    candidates = Candidates(now)
    if issue.published_at:
        return candidates.sections([ChosenSection(EVERYTHING_TITLE, papers=issue.papers)])
    return candidates.sections([_choose(issue, candidates, site_day(now))])


def _issues_due(now: datetime) -> list[schedule.DueIssue]:
    """Of each frequency the latest issue, where it is not stale."""
    subscriptions = [Subscription(frequency=frequency) for frequency in Frequency.values]
    zone = timezone.get_default_timezone()
    since = now - schedule.CATCH_UP_WINDOW
    due = schedule.issues_due(subscriptions, DEFAULT_HOUR, zone, since, now)
    return [issue for issue in due if issue.at > now - duration_setting("MAIL_STALE_SECONDS")]


def _choose(issue: Issue, candidates: Candidates, day: date) -> ChosenSection:
    """What this issue holds if it is due on this day: no paper of an earlier one."""
    earlier = Issue.objects.filter(
        frequency=issue.frequency, first_day__gte=issue.first_day - REPEAT_WINDOW
    ).exclude(pk=issue.pk)
    excluded = {paper for papers in earlier.values_list("papers", flat=True) for paper in papers}
    everything = Subscription(frequency=issue.frequency)
    [chosen] = select_papers([everything], candidates, day, excluded)
    return chosen


def _publish_issue(issue: Issue, chosen: ChosenSection, now: datetime) -> bool:
    """Whether it was published here: not by another process before, nor while it is paused."""
    unpublished = Issue.objects.open().filter(pk=issue.pk, published_at=None)
    return unpublished.update(papers=chosen.papers, published_at=now) == 1
