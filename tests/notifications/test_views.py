"""The page of notifications: what is unread, marking it as read, and the choice of emails."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from notifications.models import MailChoice, Notification
from tests.factories import a_paper, a_voter
from tests.subscriptions.factories import a_subscriber

pytestmark = pytest.mark.django_db
Kind = Notification.Kind
PAGE = "/me/notifications"
CHOSEN = 'value="author" id="id_kinds_3" checked'


@pytest.fixture
def reader(client: Client, ada: User) -> User:
    client.force_login(a_voter(ada))
    return ada


def notify(reader: User, title: str) -> Notification:
    return Notification.objects.create(
        reader=reader, kind=Kind.AUTHOR, name="Eve <b>Moss", paper=a_paper(title)
    )


def page_of(client: Client) -> str:
    response = client.get(PAGE)
    assert response.status_code == 200
    assert "private" in response["Cache-Control"]
    return response.content.decode()


def test_a_reader_sees_their_own_the_newest_first_and_marks_them_as_read(
    client: Client, reader: User, ben: User
) -> None:
    assert "Nothing yet" in page_of(client)
    moss = notify(reader, "On moss")
    notify(reader, "On fern")
    bens = notify(ben, "On reed")

    page = page_of(client)
    assert page.index("On fern") < page.index("On moss")
    assert "On reed" not in page
    assert "New paper by Eve &lt;b&gt;Moss" in page
    assert 'aria-label="Notifications, 2 unread"' in client.get("/about").content.decode()

    for one in (moss.pk, moss.pk, bens.pk, "x", 2**63):
        assert client.post(f"{PAGE}/read", {"id": one})["Location"] == PAGE
    assert "1 unread" in page_of(client)
    client.post(f"{PAGE}/read")
    assert "All read" in page_of(client)
    assert Notification.objects.get(read_at=None) == bens


def test_nothing_comes_by_email_until_a_reader_chooses_it(client: Client, reader: User) -> None:
    assert CHOSEN not in page_of(client)

    client.post(f"{PAGE}/email", {"kinds": ["author"]})
    client.post(f"{PAGE}/email", {"kinds": ["author", "nonsense"]})

    assert MailChoice.objects.kinds_of(reader) == ["author"]
    assert CHOSEN in page_of(client)
    client.post(f"{PAGE}/email")
    assert MailChoice.objects.kinds_of(reader) == []


def test_the_page_says_when_the_email_comes(client: Client, reader: User) -> None:
    subscriber = a_subscriber(reader.email, hour=6, time_zone="Asia/Tokyo")
    assert "with your digest at 06:00 (Asia/Tokyo)" in page_of(client)
    subscriber.pause(timezone.now())
    assert "in an email of their own, soon after something happens" in page_of(client)


def test_the_number_in_the_bar_costs_no_query(
    client: Client, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/about")  # notes the visit
    notify(reader, "On moss")

    with django_assert_num_queries(2):  # the session, and the user
        assert "1 unread" in client.get("/about").content.decode()
    # And the address, the choice of emails, the digest they come with, the notifications.
    with django_assert_num_queries(6):
        client.get(PAGE)
