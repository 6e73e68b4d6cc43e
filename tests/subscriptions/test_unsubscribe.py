"""One click stops all mail, and nothing short of it does."""

import pytest
from django.test import Client

from subscriptions.models import Subscriber
from tests.factories import a_topic
from tests.subscriptions.factories import a_subscriber, on_topic

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_one_click_needs_no_cookie_and_goes_nowhere_else(stranger: Client) -> None:
    subscriber = a_subscriber()
    response = stranger.post(subscriber.unsubscribe_url, ONE_CLICK)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert not response.cookies
    assert not Subscriber.objects.active().exists()


def test_one_click_may_come_three_times(stranger: Client) -> None:
    subscriber = a_subscriber()
    stranger.post(subscriber.unsubscribe_url, ONE_CLICK)
    first = Subscriber.objects.get().unsubscribed_at
    for _ in range(2):
        assert stranger.post(subscriber.unsubscribe_url, ONE_CLICK).status_code == 200
    assert Subscriber.objects.get().unsubscribed_at == first


@pytest.mark.slow
def test_a_scanner_that_follows_the_link_stops_nothing(stranger: Client) -> None:
    subscriber = a_subscriber()
    for method in (stranger.get, stranger.head, stranger.options):
        method(subscriber.unsubscribe_url)
        method(subscriber.preferences_url)
    assert Subscriber.objects.active().exists()


def test_the_button_of_the_page_stops_all_mail(stranger: Client) -> None:
    """From a page without referrer a browser says that it comes from nowhere."""
    subscriber = a_subscriber()
    response = stranger.post(subscriber.unsubscribe_url, headers={"origin": "null"})
    assert response.status_code == 200
    assert subscriber.address in response.text
    assert not Subscriber.objects.active().exists()


def test_a_single_order_can_be_ended(stranger: Client) -> None:
    subscriber = a_subscriber(orders=[{}, on_topic(a_topic("vision"))])
    everything, vision = subscriber.subscriptions.all()
    stranger.post(subscriber.unsubscribe_url, {"order": everything.pk})
    assert list(subscriber.subscriptions.all()) == [vision]
    assert Subscriber.objects.active().exists()
    stranger.post(subscriber.unsubscribe_url, {"order": vision.pk})
    assert not Subscriber.objects.active().exists()


def test_the_page_offers_single_orders_and_no_way_to_the_others(stranger: Client) -> None:
    """An old link that was forwarded stops mail, and does nothing else."""
    subscriber = a_subscriber(orders=[{}, on_topic(a_topic("vision"))])
    page = stranger.get(subscriber.unsubscribe_url).text
    assert 'name="order"' in page and "Vision, daily" in page
    assert subscriber.preferences_url not in page
    after = stranger.post(subscriber.unsubscribe_url).text
    assert subscriber.preferences_url not in after


def test_what_still_comes_is_said(stranger: Client) -> None:
    subscriber = a_subscriber(orders=[{}, on_topic(a_topic("vision"))])
    order = subscriber.subscriptions.get(what="everything")
    page = stranger.post(subscriber.unsubscribe_url, {"order": order.pk}).text
    assert "Vision, daily" in page
    assert "no more mail" not in page


def test_nobody_ends_the_orders_of_another(stranger: Client) -> None:
    mine, theirs = a_subscriber(), a_subscriber()
    stranger.post(mine.unsubscribe_url, {"order": theirs.subscriptions.get().pk})
    assert theirs.subscriptions.exists()


def test_who_was_forgotten_is_told_the_same(stranger: Client) -> None:
    subscriber = a_subscriber()
    url = subscriber.unsubscribe_url
    subscriber.delete()
    assert stranger.post(url, ONE_CLICK).status_code == 200


def test_it_works_from_an_old_mail_when_other_links_were_taken_back(stranger: Client) -> None:
    subscriber = a_subscriber()
    unsubscribe, preferences = subscriber.unsubscribe_url, subscriber.preferences_url
    Subscriber.objects.update(token_version=2)
    assert stranger.get(preferences).status_code == 404
    assert stranger.post(unsubscribe, ONE_CLICK).status_code == 200
    assert not Subscriber.objects.active().exists()


def test_pages_behind_a_link_are_private(client: Client) -> None:
    subscriber = a_subscriber()
    for url in (subscriber.preferences_url, subscriber.unsubscribe_url, "/subscriptions/forged"):
        response = client.get(url)
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["Cache-Control"] == "private, no-store"


def test_no_link_names_the_address() -> None:
    subscriber = a_subscriber("ada@example.org")
    for url in (subscriber.preferences_url, subscriber.unsubscribe_url):
        assert "ada" not in url and "@" not in url and len(url) < 100
