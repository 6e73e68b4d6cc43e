"""Who gets a digest, and of which issue."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.db import connections

from papers.models import PaperTopic
from subscriptions.models import Delivery, Issue, Subscriber
from subscriptions.sending import run
from tests.factories import a_paper, a_topic
from tests.subscriptions.factories import (
    A_DAY,
    FRIDAY_8AM,
    a_subscriber,
    on_topic,
)

pytestmark = pytest.mark.django_db


def deliveries() -> list[tuple[str, str, str]]:
    rows = Delivery.objects.select_related("issue").order_by("issue__frequency", "issue__period")
    return [(it.issue.frequency, it.issue.period, it.state) for it in rows]


@pytest.mark.slow
def test_daily_and_weekly_at_one_hour_are_two_mails() -> None:
    vision = a_topic("vision")
    PaperTopic.objects.create(paper=a_paper("Seeing"), topic=vision)
    a_paper("Else")
    monday = datetime(2025, 3, 17, 7, 5, tzinfo=UTC)
    subscriber = a_subscriber(orders=[on_topic(vision), {"frequency": "weekly"}])
    subscriber.schedule_next_issue(monday - A_DAY)
    run.run(monday)
    assert deliveries() == [("daily", "2025-03-17", "sent"), ("weekly", "2025-W11", "sent")]
    assert sorted(message.subject for message in mail.outbox) == [
        "Else · Week of 10 March",
        "Seeing · Monday 17 March",
    ]


def test_preparing_twice_is_as_preparing_once() -> None:
    a_subscriber()
    run.prepare(FRIDAY_8AM)
    Subscriber.objects.update(next_due_at=FRIDAY_8AM)
    run.prepare(FRIDAY_8AM)
    assert deliveries() == [("daily", "2025-03-14", "pending")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_four_who_prepare_at_once_make_one_delivery_each() -> None:
    for _ in range(50):
        a_subscriber(orders=[{}, on_topic(a_topic(), frequency="weekdays")])

    def prepare(_: int) -> None:
        try:
            run.prepare(FRIDAY_8AM)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(prepare, range(4)))
    assert (Issue.objects.count(), Delivery.objects.count()) == (2, 100)
    assert not Subscriber.objects.due(FRIDAY_8AM).exists()


def test_a_scheduler_that_was_down_catches_up_once() -> None:
    a_paper()
    a_subscriber()
    run.run(FRIDAY_8AM + 5 * A_DAY)
    assert deliveries() == [("daily", "2025-03-19", "sent")]


def test_an_issue_missed_for_more_than_a_day_is_recorded_as_expired() -> None:
    a_paper()
    subscriber = a_subscriber(orders=[{"frequency": "weekly", "weekday": 4}])
    run.run(FRIDAY_8AM + 2 * A_DAY)
    assert deliveries() == [("weekly", "2025-W11", "expired")]
    subscriber.refresh_from_db()
    assert subscriber.next_due_at == datetime(2025, 3, 21, 7, tzinfo=UTC)


def test_the_unconfirmed_and_those_who_left_get_none() -> None:
    a_subscriber(confirmed_at=None, next_due_at=FRIDAY_8AM)
    a_subscriber().unsubscribe(FRIDAY_8AM)
    run.prepare(FRIDAY_8AM)
    assert deliveries() == []


def test_the_issue_is_that_of_the_readers_day() -> None:
    a_subscriber(time_zone="Pacific/Kiritimati").schedule_next_issue(FRIDAY_8AM - A_DAY)
    run.prepare(datetime(2025, 3, 13, 17, tzinfo=UTC))
    assert Issue.objects.get().first_day == date(2025, 3, 14)


def test_a_move_over_the_date_line_brings_no_issue_twice() -> None:
    subscriber = a_subscriber(time_zone="Pacific/Kiritimati")
    subscriber.schedule_next_issue(FRIDAY_8AM - A_DAY)
    run.prepare(datetime(2025, 3, 13, 17, tzinfo=UTC))
    subscriber.time_zone = "Pacific/Honolulu"
    subscriber.save()
    subscriber.schedule_next_issue(datetime(2025, 3, 13, 18, tzinfo=UTC))
    run.prepare(datetime(2025, 3, 14, 17, tzinfo=UTC))
    assert [period for _, period, _ in deliveries()] == ["2025-03-14"]
