"""An older copy of the database is restored: nothing comes twice, and who left stays away."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail, serializers
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from notifications.models import Notification
from papers.models import Paper, Source
from subscriptions import departure_log, tasks
from subscriptions.issues import archive
from subscriptions.models import Delivery, NotificationMail, Subscriber, Suppression
from subscriptions.orders import opt_in
from subscriptions.sending import run
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import (
    A_DAY,
    AN_HOUR,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    an_order_request,
    suppressed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def a_copy() -> str:
    """The rows that matter here, as they are now."""
    rows = [
        row for model in (Paper, Subscriber, Delivery) for row in [*model._default_manager.all()]
    ]
    return serializers.serialize("json", rows)


def restored(copy: str) -> None:
    for model in (Delivery, Paper):
        model._default_manager.all().delete()
    ids = []
    for row in serializers.deserialize("json", copy):
        row.save()
        ids.append(row.object.pk)


def papers_of(day: datetime, number: int = 3) -> None:
    """As a source brings them that day, or again after a restore."""
    for place in range(number):
        key = f"2503.{day.day:02}{place:03}"
        if not Paper.objects.filter(key=key).exists():
            now = datetime.now().astimezone()
            a_paper(f"Paper {key}", key=key, listed_on=day.date(), listed_at=now)


def titles() -> list[str]:
    return [
        f"{message.to[0]} {line.strip()}"
        for message in mail.outbox
        for line in str(message.body).splitlines()
        if "Paper 2503." in line and ". Paper" in line
    ]


@pytest.mark.slow
def test_a_week_is_mailed_again_to_nobody(
    clock: time_machine.Traveller,
    settings: Settings,
    client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    stays, leaves = a_subscriber("stays@example.org"), a_subscriber("leaves@example.org")
    weekly = a_subscriber("weekly@example.org", orders=[{"frequency": "weekly"}])
    papers_of(FRIDAY_8AM)
    run.run(FRIDAY_8AM)
    copy = a_copy()
    for day in range(1, 8):
        now = FRIDAY_8AM + day * A_DAY
        clock.move_to(now)
        papers_of(now)
        run.run(now)
        if day == 4:
            with django_capture_on_commit_callbacks(execute=True):
                client.post(leaves.unsubscribe_url, {"List-Unsubscribe": "One-Click"})
    before = titles()
    assert len(before) == len(set(before))
    mail.outbox.clear()

    restored(copy)
    clock.move_to(FRIDAY_8AM + 7 * A_DAY + 4 * AN_HOUR)
    assert Subscriber.objects.get(pk=leaves.pk).is_active
    settings.SENDING_HELD = True
    for day in range(1, 8):
        papers_of(FRIDAY_8AM + day * A_DAY)  # the sources bring them again
    tasks.sweep()
    assert run.run(datetime.now().astimezone()) == {}
    call_command("mark_as_sent", stdout=io.StringIO())
    settings.SENDING_HELD = False
    for day in range(7, 16):
        now = FRIDAY_8AM + day * A_DAY + 5 * AN_HOUR
        clock.move_to(now)
        if day > 7:
            papers_of(now)
        archive.publish(now)
        run.run(now)
    after = titles()
    assert not set(before) & set(after)
    assert len(after) == len(set(after))
    assert {title.split()[0] for title in after} == {stays.address, weekly.address}


@pytest.mark.slow
def test_nothing_leaves_while_sending_is_held_and_everybody_is_told(
    settings: Settings, client: Client, clock: time_machine.Traveller
) -> None:
    settings.SENDING_HELD = True
    a_paper()
    a_subscriber()
    a_delivery()
    page = client.post("/subscribe", {"address": "new@example.org", "everything": "on"})
    assert "sends no emails at the moment" in page.text
    newcomer = Subscriber.objects.get(address="new@example.org")
    tasks.sweep()
    tasks.send_confirmation(newcomer.pk)
    tasks.send_deliveries()
    with pytest.raises(CommandError, match="SENDING_HELD"):
        call_command("send_digests")
    call_command("send_digests", "--dry-run")
    assert mail.outbox == []
    client.force_login(a_user(is_staff=True, is_superuser=True))
    assert "Sending is held" in client.get("/admin/").text
    settings.SENDING_HELD = False
    tasks.sweep()
    tasks.send_confirmation(newcomer.pk)
    assert [message.to for message in mail.outbox] == [["new@example.org"]]


def test_whatever_was_waiting_is_not_sent(clock: time_machine.Traveller) -> None:
    a_paper()
    for state in ("pending", "deferred"):
        a_delivery(state=state)
    a_delivery(state="sending", lease_until=FRIDAY_8AM)
    opt_in.request("new@example.org", an_order_request(), FRIDAY_8AM - AN_HOUR)
    out = io.StringIO()
    Source.objects.create(name="Lab", url="https://lab.example.org/", kind="feed")
    call_command("mark_as_sent", stdout=out)
    assert "will not be sent: 2" in out.getvalue()
    assert "Not polled for a day" in out.getvalue() and "Lab" in out.getvalue()
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [
        *("expired", "expired", "uncertain")
    ]
    assert not Subscriber.objects.exclude(wishes=None).exists()
    run.run(FRIDAY_8AM + AN_HOUR)
    assert mail.outbox == []


@pytest.mark.slow
def test_no_notification_is_mailed_again(clock: time_machine.Traveller, ada: User) -> None:
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    a_paper("Of the day")
    a_subscriber(ada.email)
    for title in ("In the digest", "Noted after it"):
        old = a_paper(title, listed_on=(FRIDAY_8AM - 30 * A_DAY).date())
        kind, name = Notification.Kind.AUTHOR, "Eve Moss"
        Notification.objects.create(
            reader=ada, kind=kind, name=name, paper=old, mail_wanted=True, happened_at=FRIDAY_8AM
        )
        if title == "In the digest":  # composed when the copy was made
            delivery = a_delivery(Subscriber.objects.get())
            assert NotificationMail.objects.claim_for_digests([delivery], FRIDAY_8AM)

    call_command("mark_as_sent", stdout=io.StringIO())

    NotificationMail.objects.of_unsent_digests(FRIDAY_8AM + AN_HOUR).give_back()
    for days in (0, 1):
        assert NotificationMail.objects.readers_due(FRIDAY_8AM + days * A_DAY) == []


@pytest.mark.parametrize("what", ["unsubscribed", "erased", "hard bounce", "complaint"])
def test_who_left_leaves_again_however_they_left(
    what: str,
    clock: time_machine.Traveller,
    django_capture_on_commit_callbacks: Any,
    client: Client,
) -> None:
    subscriber, other = a_subscriber("ada@example.org"), a_subscriber("ben@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        departure_log.add(subscriber.address, what)
    log = departure_log.path()
    assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "ada" not in log.read_text()
    with log.open("a") as file:
        file.write("a broken line\n")
    call_command("mark_as_sent", stdout=io.StringIO())
    left = Subscriber.objects.filter(address="ada@example.org").first()
    if what in Suppression.Reason.values:
        assert suppressed() and left
    else:
        assert left is None if what == "erased" else left and left.unsubscribed_at
    assert Subscriber.objects.get(pk=other.pk).is_active


def test_a_suppressed_domain_and_one_that_was_undone_come_back_as_they_were(
    clock: time_machine.Traveller, django_capture_on_commit_callbacks: Any
) -> None:
    a_subscriber("ada@example.org"), a_subscriber("eve@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        for domain in ("@example.org", "@example.com"):
            Suppression.objects.add(domain, Suppression.Reason.CURATOR, Suppression.Scope.BULK)
        Suppression.objects.lift("@example.com")
    Suppression.objects.all().delete()  # as in a copy from before
    call_command("mark_as_sent", stdout=io.StringIO())
    assert suppressed("ben@example.org") == ("curator", "bulk")
    assert suppressed("eve@example.com") is None


def test_who_came_back_after_leaving_stays(
    clock: time_machine.Traveller, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        departure_log.add("ada@example.org", departure_log.UNSUBSCRIBED)
    a_subscriber("ada@example.org", confirmed_at=FRIDAY_8AM + timedelta(seconds=1))
    call_command("mark_as_sent", stdout=io.StringIO())
    assert Subscriber.objects.get().is_active
