"""A clock that was ahead for a while leaves no time behind that is out of reach."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django import Settings

from papers.models import Source
from subscriptions.models import Delivery, Pace, Subscriber
from subscriptions.orders import opt_in
from subscriptions.sending import run
from tests.factories import a_paper
from tests.subscriptions.factories import (
    A_DAY,
    AN_HOUR,
    FRIDAY_8AM,
    ZONES,
    a_delivery,
    a_subscriber,
    an_order_request,
)

pytestmark = pytest.mark.django_db
A_YEAR = 365 * A_DAY


@pytest.mark.parametrize("ahead", [4 * A_DAY, 40 * A_DAY, A_YEAR])
@pytest.mark.parametrize("frequency", ["daily", "weekdays", "weekly"])
def test_the_next_issue_is_planned_anew(
    frequency: str, ahead: timedelta, clock: time_machine.Traveller
) -> None:
    subscriber = a_subscriber(orders=[{"frequency": frequency, "weekday": 0}])
    run.prepare(FRIDAY_8AM)
    subscriber.refresh_from_db()
    planned = subscriber.next_due_at
    assert planned
    clock.move_to(FRIDAY_8AM + ahead)
    run.prepare(FRIDAY_8AM + ahead)
    clock.move_to(FRIDAY_8AM + AN_HOUR)
    run.prepare(FRIDAY_8AM + AN_HOUR)
    subscriber.refresh_from_db()
    assert subscriber.next_due_at
    assert subscriber.next_due_at <= planned + (0 if ahead > 15 * A_DAY else 7) * A_DAY


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES[::5])
def test_what_a_rhythm_allows_is_left_as_it_is(zone: str, clock: time_machine.Traveller) -> None:
    """Over a year, at a time of every day, whatever the zone does to its clock."""
    subscribers = [
        a_subscriber(orders=[{"frequency": frequency, "weekday": 3}], time_zone=zone, hour=2)
        for frequency in ("daily", "weekdays", "weekly")
    ]
    for day in range(0, 365, 6):
        now = FRIDAY_8AM + day * A_DAY
        for subscriber in subscribers:
            subscriber.schedule_next_issue(now)
        assert not Subscriber.objects.planned_too_late(now).exists()


@pytest.mark.slow
def test_a_time_more_than_a_day_ahead_is_refused_unless_forced(
    clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    a_paper(listed_on=(FRIDAY_8AM + A_YEAR).date())
    subscriber = a_subscriber()
    with pytest.raises(CommandError, match="more than a day ahead"):
        call_command("send_digests", "--at", "2026-03-14T08:00")
    assert (mail.outbox, Delivery.objects.count()) == ([], 0)
    call_command("send_digests", "--at", "2026-03-14T08:00", "--dry-run")
    call_command("send_digests", "--at", "2025-03-15T07:59")
    call_command("send_digests", "--at", "2026-03-14T08:00", "--force")
    assert [message.to for message in mail.outbox] == [[subscriber.address]]
    call_command("send_digests")
    subscriber.refresh_from_db()
    assert subscriber.next_due_at == FRIDAY_8AM + 23 * AN_HOUR


def test_a_confirmation_can_be_requested_again(clock: time_machine.Traveller) -> None:
    opt_in.request("ada@example.org", an_order_request(), FRIDAY_8AM + A_YEAR)
    Subscriber.objects.update(confirmation_sent_at=FRIDAY_8AM + A_YEAR)
    pk = opt_in.request("ada@example.org", an_order_request(), FRIDAY_8AM)
    assert pk and opt_in.send_link(pk, FRIDAY_8AM)
    assert len(mail.outbox) == 1


def test_a_rate_and_a_lease_of_the_future_hold_nothing_up(settings: Settings) -> None:
    settings.MAIL_RATE = 5
    delivery = a_delivery()
    Pace.objects.create(domain="", next_at=_far())
    Delivery.objects.update(state="claimed", lease_until=_far())
    Delivery.objects.recover_from_dead_workers()
    assert Delivery.objects.claim(FRIDAY_8AM, 9) == [delivery]


def test_a_source_is_polled_again() -> None:
    source = Source.objects.create(name="Lab", url="https://lab.example.org/", kind="feed")
    for fields in ({"next_poll_at": _far()}, {"lease_until": _far(), "next_poll_at": FRIDAY_8AM}):
        Source.objects.update(**fields)
        assert list(Source.objects.due(datetime.now().astimezone())) == [source]


def _far() -> datetime:
    return datetime.now().astimezone() + A_YEAR
