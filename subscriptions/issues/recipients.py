"""Decides who gets which issue: creates a delivery for each subscriber who is due.

In the same transaction each subscriber gets the time of their next issue.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from subscriptions import schedule
from subscriptions.durations import duration_setting
from subscriptions.issues import digests
from subscriptions.models import Delivery, Issue, Subscriber, Subscription
from subscriptions.models.delivery import message_id

SUBSCRIBERS_PER_BATCH = 500


@transaction.atomic
def create_deliveries(now: datetime) -> int:
    """Create the deliveries of one batch of due subscribers; the number of these subscribers.

    Call again until it returns 0. Batches that run at once take different subscribers.
    """
    rows = Subscriber.objects.due(now).select_for_update(skip_locked=True)
    subscribers = list(rows[:SUBSCRIBERS_PER_BATCH])
    subscriptions = Subscription.objects.by_subscriber(each.pk for each in subscribers)
    pairs = [
        (subscriber, due)
        for subscriber in subscribers
        for due in issues_due(subscriber, subscriptions[subscriber.pk], now)
    ]
    issues = get_or_create_issues([due for _, due in pairs])
    Delivery.objects.bulk_create(
        [
            _delivery(subscriber, issues[due.frequency, due.period.name], due.at)
            for subscriber, due in pairs
        ],
        ignore_conflicts=True,
    )
    _plan_next(subscribers, subscriptions, now)
    return len(subscribers)


def create_first_delivery(subscriber: Subscriber, frequency: str, now: datetime) -> None:
    """Make the last issue due at once for a subscriber who has just confirmed.

    Only where it has papers for them, and where they had no digest since they first confirmed. It
    holds what it would have held had they subscribed in time, so the next issue comes at its own
    time with papers of its own. The caller has locked the subscriber's row.
    """
    if subscriber.deliveries.filter(created_at__gte=subscriber.confirmed_at).exists():
        return
    subscriptions = list(subscriber.subscriptions.filter(frequency=frequency))
    since = now - schedule.CATCH_UP_WINDOW
    due = schedule.issues_due(subscriptions, subscriber.hour, subscriber.zone, since, now)
    due = [each for each in due if digests.preview(subscriber, frequency, each.at)]
    issues = get_or_create_issues(due)
    deliveries = [_delivery(subscriber, issues[it.frequency, it.period.name], it.at) for it in due]
    for delivery in deliveries:
        delivery.expires_at = now + duration_setting("MAIL_STALE_SECONDS")
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


@transaction.atomic
def plan_anew(now: datetime) -> int:
    """Give one batch of those whose next issue is out of reach a new time; how many these were."""
    late = Subscriber.objects.planned_too_late(now).select_for_update(skip_locked=True)
    subscribers = list(late[:SUBSCRIBERS_PER_BATCH])
    subscriptions = Subscription.objects.by_subscriber(each.pk for each in subscribers)
    _plan_next(subscribers, subscriptions, now)
    return len(subscribers)


def issues_due(
    subscriber: Subscriber, subscriptions: list[Subscription], now: datetime
) -> list[schedule.DueIssue]:
    if subscriber.next_due_at is None:
        return []
    return schedule.issues_due(
        subscriptions, subscriber.hour, subscriber.zone, subscriber.next_due_at, now
    )


def _plan_next(
    subscribers: list[Subscriber], subscriptions: Mapping[int, list[Subscription]], now: datetime
) -> None:
    for subscriber in subscribers:
        its_own, hour, zone = subscriptions[subscriber.pk], subscriber.hour, subscriber.zone
        subscriber.next_due_at = schedule.next_due(its_own, hour, zone, now)
    Subscriber.objects.save_next_due_at(subscribers)


def get_or_create_issues(due: list[schedule.DueIssue]) -> dict[tuple[str, str], Issue]:
    """By frequency and name of the period."""
    # In one order, so that of two processes that make the same issues neither locks the other.
    wanted = sorted({(each.frequency, each.period.name): each.period for each in due}.items())
    Issue.objects.bulk_create(
        [
            Issue(frequency=frequency, period=name, first_day=days.first, last_day=days.last)
            for (frequency, name), days in wanted
        ],
        ignore_conflicts=True,
    )
    issues = Issue.objects.filter(period__in=[name for (_, name), _ in wanted])
    return {(issue.frequency, issue.period): issue for issue in issues}


def _delivery(subscriber: Subscriber, issue: Issue, due_at: datetime) -> Delivery:
    return Delivery(
        issue=issue,
        subscriber=subscriber,
        domain=subscriber.domain,
        message_id=message_id(issue, subscriber.pk),
        due_at=due_at,
        expires_at=due_at + duration_setting("MAIL_STALE_SECONDS"),
    )
