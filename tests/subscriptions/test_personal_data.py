"""Everything held about an address is handed over on request, and deleted on request."""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import User
from papers.models import Upvote
from subscriptions import personal_data
from subscriptions.models import Delivery, MailEvent, Subscriber, Suppression
from subscriptions.sending import run
from tests.database_search import columns_with
from tests.factories import a_paper
from tests.subscriptions.factories import FRIDAY_8AM, a_subscriber, send_claimed

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ADA = "ada@example.org"


@pytest.fixture
def subscriber(ben: User) -> Subscriber:
    """With something of hers wherever it can be."""
    paper = a_paper("Moss")
    subscriber = a_subscriber(ADA, orders=[{}, {"what": "author", "words": "Ada Quill"}])
    run.run(FRIDAY_8AM)
    delivery = Delivery.objects.get()
    Delivery.objects.update(last_error=f"450 <{ADA}> is busy")
    events = {"provider": "test", "kind": "delivered"}
    MailEvent.objects.create(event_id="1", delivery=delivery, said={"to": ADA}, **events)
    MailEvent.objects.create(event_id="2", said={"recipients": [f"Ada <{ADA}>"]}, **events)
    MailEvent.objects.create(event_id="3", said={"to": f"more-{ADA}x"}, **events)
    for row in (subscriber, delivery):
        LogEntry.objects.create(
            user=ben,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
            change_message=f"A test to {ADA}.",
        )
    assert paper.mailed.exists()
    return subscriber


def test_all_of_it_is_handed_over(client: Client, subscriber: Subscriber) -> None:
    Suppression.objects.add(ADA, Suppression.Reason.COMPLAINT)

    response = client.get(f"{subscriber.preferences_url}/data")

    assert "attachment" in response["Content-Disposition"]
    held = json.loads(response.content)
    assert held["address"] == ADA
    assert [order["title"] for order in held["orders"]] == ["All papers", "Papers by Ada Quill"]
    assert held["subscriber"]["confirmed_at"] == "2025-02-12T08:00:00Z"
    [sent] = held["mails"]
    assert (sent["issue"], sent["state"], len(sent["papers"])) == ("daily 2025-03-14", "sent", 1)
    assert len(held["events"]) == 2
    assert held["suppression"]["reason"] == "complaint"
    assert len(held["changes_by_curators"]) == 2


def test_after_deletion_the_address_stands_nowhere(client: Client, subscriber: Subscriber) -> None:
    url = f"{subscriber.preferences_url}/forget"
    assert len(columns_with(ADA)) > 4
    client.get(url)
    assert Subscriber.objects.exists()  # a scanner deletes nothing

    response = client.post(url)

    assert "deleted" in response.text
    assert columns_with(ADA) == ["subscriptions_mailevent.said"]  # the longer address of another
    MailEvent.objects.get().delete()
    assert columns_with(ADA) == []
    assert LogEntry.objects.filter(change_message="A test to (forgotten).").count() == 2


def test_a_suppression_outlives_the_address_and_is_heeded(
    client: Client, subscriber: Subscriber
) -> None:
    Suppression.objects.add(ADA, Suppression.Reason.HARD_BOUNCE)
    client.post(f"{subscriber.preferences_url}/forget")
    assert Suppression.objects.for_address(ADA).exists()
    assert ADA not in Suppression.objects.get().address_hash
    mail.outbox.clear()
    a_paper("Fern")
    a_subscriber(ADA)
    run.run(FRIDAY_8AM)
    assert mail.outbox == []


def test_deletion_adds_no_suppression(client: Client, subscriber: Subscriber) -> None:
    client.post(f"{subscriber.preferences_url}/forget")
    assert not Suppression.objects.exists()


def test_only_the_link_of_the_preferences_opens_it(client: Client, subscriber: Subscriber) -> None:
    unsubscribe = subscriber.unsubscribe_url.split("/")[2]
    for page in ("data", "forget"):
        for token in (unsubscribe, "1-1:forged"):
            assert client.post(f"/subscriptions/{token}/{page}").status_code == 404
    assert Subscriber.objects.exists()


def test_a_mail_on_its_way_finds_nobody(subscriber: Subscriber) -> None:
    a_paper("Fern")
    Delivery.objects.all().delete()
    Subscriber.objects.update(next_due_at=FRIDAY_8AM)
    run.prepare(FRIDAY_8AM)
    claimed = Delivery.objects.claim(FRIDAY_8AM, 1)
    assert claimed
    personal_data.erase(ADA)
    mail.outbox.clear()
    send_claimed(claimed, FRIDAY_8AM)
    assert mail.outbox == []


# --- By account ---


@pytest.fixture
def holder(client: Client, ada: User) -> User:
    ada.set_password("correct horse")
    ada.save()
    EmailAddress.objects.create(user=ada, email=ADA, verified=True, primary=True)
    client.post("/accounts/login/", {"login": ADA, "password": "correct horse"})
    return ada


def confirm_who_it_is(client: Client) -> None:
    client.post("/accounts/reauthenticate/?next=/accounts/delete/", {"password": "correct horse"})


def test_an_account_takes_all_of_its_address_along(
    client: Client, holder: User, subscriber: Subscriber
) -> None:
    paper = a_paper()
    paper.upvote(holder)
    held: Any = json.loads(client.get("/accounts/data/").content)
    assert "password" not in held["account"]
    assert held["upvotes"][0]["paper"] == paper.key
    assert held["mail"][0]["address"] == ADA
    confirm_who_it_is(client)

    response = client.post("/accounts/delete/")

    assert response.status_code == 200
    MailEvent.objects.all().delete()
    assert columns_with(ADA) == []
    assert not Upvote.objects.exists()
    paper.refresh_from_db()
    assert paper.upvotes == 0
    assert not any(ADA in str(session.get_decoded()) for session in Session.objects.all())
    assert client.get("/subscriptions").status_code == 302


def test_what_an_account_did_not_prove_stays(client: Client, holder: User) -> None:
    EmailAddress.objects.create(user=holder, email="ben@example.org", verified=False)
    a_subscriber("ben@example.org")
    assert "ben@example.org" not in str(json.loads(client.get("/accounts/data/").content)["mail"])
    confirm_who_it_is(client)
    client.post("/accounts/delete/")
    assert Subscriber.objects.get().address == "ben@example.org"


def test_a_curators_record_is_not_deleted_by_the_way(client: Client, holder: User) -> None:
    User.objects.update(is_staff=True)
    confirm_who_it_is(client)
    assert client.post("/accounts/delete/").status_code == 409
    assert User.objects.filter(pk=holder.pk).exists()


def test_accounts_of_others_are_none_of_ones_business(client: Client) -> None:
    for path in ("/accounts/data/", "/accounts/delete/"):
        assert client.get(path).status_code == 302
        assert client.post(path).status_code == 302


def test_to_delete_an_account_the_password_is_asked_again(client: Client, holder: User) -> None:
    for method in (client.get, client.post):
        assert method("/accounts/delete/").url.startswith("/accounts/reauthenticate/")
    assert User.objects.filter(pk=holder.pk).exists()
