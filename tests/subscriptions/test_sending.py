"""A digest is sent once: whoever runs at the same time, whoever dies, whoever says stop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest
from django.core import mail
from django.db import connection, connections, transaction
from django.utils import timezone

from subscriptions import tasks
from subscriptions.models import (
    Delivery,
    DeliveryPaper,
    Issue,
    Subscriber,
    Subscription,
    Suppression,
)
from subscriptions.sending import run
from tests.factories import a_paper
from tests.subscriptions.factories import (
    A_DAY,
    AN_HOUR,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    compose_one,
    send_claimed,
    states,
)

pytestmark = pytest.mark.slow

State = Delivery.State


def claimed(**fields: Any) -> Delivery:
    a_delivery(a_subscriber(**fields))
    [delivery] = Delivery.objects.claim(FRIDAY_8AM, 10)
    return delivery


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    """In threads that all begin at the same moment, each with its own connection."""
    barrier = Barrier(count)

    def one(_: int) -> Any:
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def to() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


# --- Once ---


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_send_each_mail_once() -> None:
    for _ in range(30):
        a_paper()
    addresses = sorted(a_subscriber().address for _ in range(40))
    accounts = at_once(4, lambda: run.run(FRIDAY_8AM))
    assert to() == addresses
    assert sum(account[State.SENT] for account in accounts) == 40
    assert DeliveryPaper.objects.count() == 40 * 20


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_one_row_one_passes_to_the_wire() -> None:
    """The second begins while the first has not committed, and waits for its row."""
    delivery = claimed()
    first_has_passed = Event()

    def first() -> set[int]:
        with transaction.atomic():
            passed = Delivery.objects.start_sending([delivery])
            first_has_passed.set()
            sleep(0.3)
        return passed

    def second() -> set[int]:
        first_has_passed.wait()
        return Delivery.objects.start_sending([delivery])

    work = iter([first, second])
    assert sorted(at_once(2, lambda: next(work)()), key=len) == [set(), {delivery.pk}]


@pytest.mark.django_db(transaction=True)
def test_eight_claims_at_once_share_the_rows() -> None:
    for _ in range(40):
        a_delivery()
    claims = at_once(8, lambda: [it.pk for it in Delivery.objects.claim(FRIDAY_8AM, 5)])
    assert sorted(sum(claims, [])) == sorted(Delivery.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_task_repeated_sends_one_mail() -> None:
    a_paper(listed_on=timezone.localdate())
    subscriber = a_subscriber()
    Subscriber.objects.filter(pk=subscriber.pk).update(next_due_at=timezone.now() - AN_HOUR)
    tasks.send_deliveries()
    tasks.send_deliveries()
    assert to() == [subscriber.address]


@pytest.mark.django_db
def test_every_mail_of_a_run_is_accounted_for() -> None:
    a_paper()
    a_subscriber("ada@example.org")
    a_subscriber("ben@example.org", orders=[{"min_upvotes": 100}])
    assert run.run(FRIDAY_8AM) == {State.SENT: 1, State.EMPTY: 1}
    assert states() == {"ada@example.org": State.SENT, "ben@example.org": State.EMPTY}
    assert to() == ["ada@example.org"]


# --- Whoever dies ---


@pytest.mark.django_db
def test_killed_on_the_wire_is_uncertain_and_never_sent_again() -> None:
    a_paper()
    delivery = on_the_wire()
    run.run(FRIDAY_8AM)
    assert states() == {delivery.subscriber.address: State.SENDING}  # its lease still runs
    let_leases_run_out()
    run.run(FRIDAY_8AM)
    run.run(FRIDAY_8AM + 3 * A_DAY)
    assert states() == {delivery.subscriber.address: State.UNCERTAIN}
    assert mail.outbox == []
    assert delivery.contents.count() == 1  # it may have been read


def on_the_wire() -> Delivery:
    """As it is in the moment in which a worker may be killed."""
    delivery = claimed()
    Delivery.objects.count_attempt([delivery])
    compose_one(delivery)
    assert Delivery.objects.start_sending([delivery]) == {delivery.pk}
    return delivery


@pytest.mark.django_db
def test_killed_before_the_wire_is_sent_by_another() -> None:
    a_paper()
    delivery = claimed()
    run.run(FRIDAY_8AM)
    assert mail.outbox == []
    let_leases_run_out()
    run.run(FRIDAY_8AM)
    assert to() == [delivery.subscriber.address]


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_sends_nothing() -> None:
    a_paper()
    slow = claimed()
    let_leases_run_out()
    Delivery.objects.recover_from_dead_workers()
    [quick] = Delivery.objects.claim(FRIDAY_8AM, 10)
    send_claimed([slow], FRIDAY_8AM)
    assert mail.outbox == []
    send_claimed([quick], FRIDAY_8AM)
    assert to() == [quick.subscriber.address]


@pytest.mark.django_db
def test_a_delivery_that_kills_five_workers_is_given_up() -> None:
    paper = a_paper()
    delivery = claimed()
    for _ in range(5):
        Delivery.objects.count_attempt([delivery])
        compose_one(delivery)
        let_leases_run_out()
        Delivery.objects.recover_from_dead_workers()
        delivery = next(iter(Delivery.objects.claim(FRIDAY_8AM, 10)), delivery)
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert not paper.mailed.exists()


@pytest.mark.django_db
def test_the_worker_that_was_thought_dead_knows_better() -> None:
    a_paper()
    delivery = on_the_wire()
    let_leases_run_out()
    Delivery.objects.recover_from_dead_workers()
    Delivery.objects.start_sending([], sent=[delivery])
    assert states() == {delivery.subscriber.address: State.SENT}


def let_leases_run_out() -> None:
    Delivery.objects.filter(lease_until__isnull=False).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )


# --- Whoever says stop ---


@pytest.mark.django_db
def test_unsubscribed_while_claimed_is_not_sent() -> None:
    paper = a_paper()
    delivery = claimed()
    delivery.subscriber.unsubscribe(FRIDAY_8AM)
    assert send_claimed([delivery], FRIDAY_8AM) == {State.SUPPRESSED: 1}
    assert mail.outbox == []
    assert states() == {delivery.subscriber.address: State.SUPPRESSED}
    assert not paper.mailed.exists()


@pytest.mark.django_db
def test_an_order_ended_while_claimed_is_not_sent() -> None:
    a_paper()
    delivery = claimed()
    Subscription.objects.update(frequency="weekly")
    send_claimed([delivery], FRIDAY_8AM)
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_suppressed_address_gets_nothing() -> None:
    a_paper()
    delivery = claimed(address="ada@example.org")
    Suppression.objects.add("Ada@Example.org", Suppression.Reason.COMPLAINT)
    assert send_claimed([delivery], FRIDAY_8AM) == {State.SUPPRESSED: 1}
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_paused_issue_waits() -> None:
    a_paper()
    delivery = claimed()
    Issue.objects.update(state=Issue.State.PAUSED)
    assert send_claimed([delivery], FRIDAY_8AM) == {State.PENDING: 1}
    run.run(FRIDAY_8AM)
    assert mail.outbox == []
    Issue.objects.update(state=Issue.State.OPEN)
    run.run(FRIDAY_8AM)
    assert to() == [delivery.subscriber.address]


# --- Whatever is too late ---


@pytest.mark.django_db
def test_a_stale_issue_expires() -> None:
    paper = a_paper()
    delivery = a_delivery()
    compose_one(delivery)
    run.run(FRIDAY_8AM + A_DAY)
    delivery.refresh_from_db()
    assert (delivery.state, len(mail.outbox)) == (State.EXPIRED, 1)  # and Saturday's went out
    assert paper.mailed.get().delivery.issue.period == "2025-03-15"


@pytest.mark.django_db
def test_a_deferred_one_gives_up_after_a_day() -> None:
    delivery = a_delivery(state=State.DEFERRED, last_error="450 later")
    Delivery.objects.expire(FRIDAY_8AM + A_DAY)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error) == (State.FAILED, "450 later")


@pytest.mark.django_db
def test_finding_the_due_ones_meets_no_others(django_assert_max_num_queries: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Subscriber.objects.due(FRIDAY_8AM).explain()
    assert "subscribers_due" in plan
