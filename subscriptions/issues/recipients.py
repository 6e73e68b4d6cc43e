"""Who gets which issue: settled once, in the transaction that also sets the next time."""

from datetime import datetime

from django.db import transaction

from subscriptions import schedule
from subscriptions.durations import limit
from subscriptions.models import Delivery, Issue, Subscriber, Subscription
from subscriptions.models.delivery import message_id

AT_ONCE = 500


@transaction.atomic
def freeze(now: datetime) -> int:
    """For some of those who are due: a delivery each, and the next time. How many they were."""
    rows = Subscriber.objects.due(now).select_for_update(skip_locked=True)
    subscribers = list(rows[:AT_ONCE])
    orders = Subscription.objects.of(it.pk for it in subscribers)
    due = [(it, issue) for it in subscribers for issue in issues_due(it, orders[it.pk], now)]
    made = issues([it for _, it in due])
    Delivery.objects.bulk_create(
        [
            Delivery(
                issue=made[it.frequency, it.period.name],
                subscriber=subscriber,
                domain=subscriber.domain,
                message_id=message_id(made[it.frequency, it.period.name], subscriber.pk),
                due_at=it.at,
                expires_at=it.at + limit("MAIL_STALE_SECONDS"),
            )
            for subscriber, it in due
        ],
        ignore_conflicts=True,
    )
    for subscriber in subscribers:
        its, hour, zone = orders[subscriber.pk], subscriber.hour, subscriber.zone
        subscriber.next_due_at = schedule.next_due(its, hour, zone, now)
    Subscriber.objects.set_next(subscribers)
    return len(subscribers)


def issues_due(
    subscriber: Subscriber, orders: list[Subscription], now: datetime
) -> list[schedule.Due]:
    if subscriber.next_due_at is None:
        return []
    return schedule.issues_due(
        orders, subscriber.hour, subscriber.zone, subscriber.next_due_at, now
    )


def issues(due: list[schedule.Due]) -> dict[tuple[str, str], Issue]:
    # In one order, so that of two processes that make the same issues neither locks the other.
    wanted = sorted({(it.frequency, it.period.name): it.period for it in due}.items())
    Issue.objects.bulk_create(
        [
            Issue(frequency=frequency, period=name, first_day=days.first, last_day=days.last)
            for (frequency, name), days in wanted
        ],
        ignore_conflicts=True,
    )
    made = Issue.objects.filter(period__in=[name for (_, name), _ in wanted])
    return {(issue.frequency, issue.period): issue for issue in made}
