"""The digest of a day before it is sent: for nobody in particular, or for one subscriber."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from subscriptions import schedule
from subscriptions.issues import archive, digests, recipients
from subscriptions.issues.section import Section
from subscriptions.models import Issue, Subscriber
from subscriptions.models.subscriber import DEFAULT_HOUR
from subscriptions.schedule import DueIssue


@dataclass(frozen=True)
class DigestPreview:
    issue: Issue  # not saved where its row does not exist yet
    at: datetime
    sections: list[Section]
    orders: str  # what the subscriptions are, in words


def preview(frequency: str, day: date, subscriber: Subscriber | None) -> DigestPreview:
    """The digest that is due on this day, as it would be now; nothing is written."""
    due = _due(frequency, day, subscriber)
    issue = _find_issue(due)
    if subscriber is None:
        return DigestPreview(issue, due.at, archive.general_sections(issue, due.at), "All papers")
    orders = "; ".join(map(str, subscriber.subscriptions.select_related("topic")))
    sections = digests.preview(subscriber, frequency, due.at)
    return DigestPreview(issue, due.at, sections, orders)


def pause(frequency: str, day: date, curator: User) -> Issue:
    """Hold back an issue, whether its row exists or not: none of its emails leaves."""
    due = _due(frequency, day, None)
    issue = recipients.get_or_create_issues([due])[frequency, due.period.name]
    issue.pause(f"by {curator}")
    issue.refresh_from_db()
    return issue


def _find_issue(due: DueIssue) -> Issue:
    period = due.period
    found = Issue.objects.filter(frequency=due.frequency, period=period.name).first()
    return found or Issue(
        frequency=due.frequency, period=period.name, first_day=period.first, last_day=period.last
    )


def _due(frequency: str, day: date, subscriber: Subscriber | None) -> DueIssue:
    zone = ZoneInfo(subscriber.time_zone) if subscriber else timezone.get_default_timezone()
    hour = subscriber.hour if subscriber else DEFAULT_HOUR
    at = datetime.combine(day, time(hour), zone)
    return DueIssue(frequency, schedule.period_of(frequency, day), at)
