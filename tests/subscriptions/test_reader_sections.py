"""Sections that depend on a reader's account: added by a button, or on the page of preferences."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from following.models import Follow
from interests.models import Interest
from subscriptions import why_no_mail
from subscriptions.models import Subscriber, Suppression
from subscriptions.orders.preferences_form import PreferencesForm
from tests.factories import a_topic, a_user, a_voter
from tests.subscriptions.factories import FRIDAY_8AM, a_subscriber, on_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    """Signed in, with a confirmed address."""
    ada = a_voter(a_user("ada@example.org"))
    client.force_login(ada)
    return ada


def add(client: Client, what: str) -> str:
    """Press the button; what the page says then."""
    response = client.post("/subscriptions/section", {"what": what}, follow=True)
    return str(response.context["messages"]._loaded_data[0])


def orders(address: str = "ada@example.org") -> list[str]:
    subscriber = Subscriber.objects.get(address=address)
    return [str(order) for order in subscriber.subscriptions.order_by("pk")]


def test_the_button_begins_a_digest_of_what_the_reader_chose(client: Client, ada: User) -> None:
    assert "Follow something" in add(client, "followed")
    assert "nothing to send" in add(client, "everything")
    assert not Subscriber.objects.exists()

    assert "Get these by email" not in client.get("/me/follows/papers").text
    Follow.objects.add(ada, what="author", words="Cy Reed")
    Interest.objects.create(reader=ada, name="Caches")
    for page, what in (("/me/follows/papers", "followed"), ("/papers/for-you", "for-you")):
        text = client.get(page).text
        assert "Get these by email" in text and f'name="what" value="{what}"' in text
        for _ in range(2):
            said = add(client, what)
            assert "It goes to ada@example.org." in said
            assert Subscriber.objects.get().preferences_url in said
    assert orders() == ["What you follow, daily", "For you, daily"]
    subscriber = Subscriber.objects.get()
    assert subscriber.is_active and "signed in" in subscriber.consent_how
    now = timezone.now()
    assert subscriber.next_due_at and now < subscriber.next_due_at < now + timedelta(days=2)


def test_the_button_adds_to_a_digest_as_it_is(client: Client, ada: User) -> None:
    ada.emailaddress_set.create(email="quill@example.org", verified=True)  # type: ignore[attr-defined]
    Follow.objects.add(ada, what="author", words="Cy Reed")
    weekly: dict[str, Any] = {"frequency": "weekly", "weekday": 4, "max_papers": 7}
    subscriber = a_subscriber("quill@example.org", orders=[on_topic(a_topic("vision"), **weekly)])
    consent = subscriber.consent_how

    subscriber.pause(FRIDAY_8AM)
    assert "emails to quill@example.org are paused" in add(client, "followed")
    assert orders("quill@example.org") == ["Vision, weekly", "What you follow, weekly"]
    added = subscriber.subscriptions.get(what="followed")
    assert (added.weekday, added.max_papers) == (4, 7)
    subscriber.refresh_from_db()
    assert subscriber.consent_how == consent and subscriber.paused_at
    Suppression.objects.add("quill@example.org", Suppression.Reason.HARD_BOUNCE)
    assert "no email goes to quill@example.org" in add(client, "followed")


def test_who_unsubscribed_begins_anew_without_what_was_before(client: Client, ada: User) -> None:
    Follow.objects.add(ada, what="author", words="Cy Reed")
    a_subscriber("ada@example.org").unsubscribe(FRIDAY_8AM)
    add(client, "followed")
    assert orders() == ["What you follow, daily"] and Subscriber.objects.get().is_active


def test_the_page_of_preferences_offers_what_the_account_of_the_address_has(
    client: Client, ada: User
) -> None:
    subscriber = a_subscriber("ada@example.org")
    stranger = a_subscriber("ben@example.org")
    Follow.objects.add(ada, what="author", words="Cy Reed")
    Interest.objects.create(reader=ada, name="Caches")
    Interest.objects.create(reader=a_user("ben@example.org"), name="Not confirmed")
    client.logout()

    assert "own" not in PreferencesForm(stranger).more.fields
    page = client.get(subscriber.preferences_url).text
    assert page.count('name="more-own"') == 2
    time = {"weekday": "0", "hour": "7", "time_zone": "UTC"}
    client.post(stranger.preferences_url, time | {"more-own": "for-you"})
    assert orders("ben@example.org") == ["All papers, daily"]
    client.post(subscriber.preferences_url, time | {"more-own": ["for-you"]})
    assert orders() == ["All papers, daily", "For you, daily"]
    page = client.get(subscriber.preferences_url).text
    assert page.count('name="more-own"') == 1 and "Nothing comes of this now" not in page

    subscriber.subscriptions.filter(what="everything").delete()
    ada.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
    assert "Nothing comes of this now" in client.get(subscriber.preferences_url).text
    answer = why_no_mail.explain(why_no_mail.read_facts("ada@example.org"))
    assert "depend on an account, and none has confirmed the address" in answer
