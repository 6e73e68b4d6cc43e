"""`manage.py send_digests`, and the tasks that do the same."""

import pytest
from django.contrib import admin
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from subscriptions import tasks
from subscriptions.models import Delivery, DeliveryPaper, Issue, Subscriber
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import AN_HOUR, a_delivery, a_subscriber, states

pytestmark = pytest.mark.django_db


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("send_digests", *words)
    return capsys.readouterr().out


@pytest.mark.slow
def test_it_sends_what_is_due_at_that_time(capsys: pytest.CaptureFixture[str]) -> None:
    a_paper()
    a_subscriber("ada@example.org")
    a_subscriber("ben@example.org", hour=20)
    printed = run(capsys, "--at", "2025-03-14T08:00")
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert "sent" in printed and "1" in printed


@pytest.mark.slow
def test_a_time_without_zone_is_the_sites(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.TIME_ZONE = "America/New_York"  # 03:00 there is 07:00 for Ada
    a_paper()
    a_subscriber("ada@example.org")
    run(capsys, "--at", "2025-03-14T02:59")
    assert mail.outbox == []
    run(capsys, "--at", "2025-03-14T03:00")
    assert len(mail.outbox) == 1


def test_a_dry_run_shows_who_would_get_what_and_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a_paper("Moss", upvotes=3)
    a_subscriber("ada@example.org", orders=[{}])
    a_subscriber("ben@example.org", orders=[{"min_upvotes": 9}])
    before = list(Subscriber.objects.values())
    printed = run(capsys, "--at", "2025-03-14T08:00", "--dry-run")
    assert "ada@example.org" in printed and "Moss" in printed
    assert "an empty one is not sent" in printed
    assert mail.outbox == []
    assert list(Subscriber.objects.values()) == before
    for model in (Issue, Delivery, DeliveryPaper):
        assert not model._default_manager.exists()


def test_nothing_due_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing is due at 2025-03-14 08:00 UTC." in run(capsys, "--at", "2025-03-14T08:00")


@pytest.mark.parametrize("at", ["yesterday", "2025-02-30T07:00", "7"])
def test_a_bad_time_is_answered_with_an_example(at: str) -> None:
    with pytest.raises(CommandError, match="2025-03-14T07:00"):
        call_command("send_digests", "--at", at)


@pytest.mark.slow
def test_the_sweep_settles_who_gets_what_and_rings() -> None:
    subscriber = a_subscriber()
    Subscriber.objects.filter(pk=subscriber.pk).update(next_due_at=timezone.now() - AN_HOUR)
    tasks.sweep()
    assert states() == {subscriber.address: "pending"}
    tasks.send_deliveries()
    assert states() == {subscriber.address: "empty"}


@pytest.mark.slow
def test_the_desk_shows_every_list_and_every_row(client: Client) -> None:
    client.force_login(a_user(is_staff=True, is_superuser=True))
    a_paper()
    delivery = a_delivery()
    delivery.contents.create(
        subscriber=delivery.subscriber, paper=a_paper(), section="All papers", position=0
    )
    ours = [it for it in admin.site._registry if it._meta.app_label == "subscriptions"]
    assert len(ours) >= 6
    for model in ours:
        name = f"admin:subscriptions_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
        for row in model._default_manager.all()[:1]:
            assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
