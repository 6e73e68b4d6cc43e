"""The form of the subscribe page: what it proposes, what it refuses."""

import html
from typing import Any

import pytest
from django.test import Client

from papers.ingest.upsert import upsert
from subscriptions.models import Subscriber
from subscriptions.orders.order_request import OrderRequest
from tests.factories import a_topic, an_entry
from tests.subscriptions.factories import FRIDAY_8AM

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"


def test_the_form_proposes_the_topic_of_the_page(client: Client) -> None:
    a_topic("vision")
    form = client.get("/subscribe?topic=vision").context["form"]
    assert form["topic"].value() == ["vision"]
    assert form["everything"].value() is False


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "no address"},
        {"address": "ada@localhost"},
        {"address": "a" * 65 + "@example.org"},
        {"everything": "False"},
        {"everything": "False", "search": " ", "author": ""},
        {"everything": ""},
        {"everything": "perhaps"},
        {"address": "two@example.org, more@example.org"},
        {"time_zone": "Mars/Olympus"},
        {"hour": "24"},
        {"topic": "no-such-topic"},
    ],
)
def test_a_slip_is_shown_on_the_form(client: Client, fields: dict[str, str]) -> None:
    response = client.post("/subscribe", {"address": ADA, "everything": "on"} | fields)
    assert response.context["form"].errors
    assert not Subscriber.objects.exists()


@pytest.mark.slow
def test_the_form_needs_no_cookie_and_sets_none(stranger: Client) -> None:
    page = stranger.get("/subscribe")
    answer = stranger.post("/subscribe", {"address": ADA, "everything": "on"})
    assert (page.status_code, answer.status_code) == (200, 200)
    assert not page.cookies and not answer.cookies
    assert "csrf" not in page.text
    assert Subscriber.objects.get().asked_at


@pytest.mark.parametrize(
    ("query", "proposed"),
    [
        ("", {"everything": None, "topic": [], "search": "", "author": ""}),
        ("topic=vision&topic=robots", {"everything": False, "topic": ["vision", "robots"]}),
        ("search=moss+-survey", {"everything": False, "search": "moss -survey"}),
        ("author=Ada+Quill", {"everything": False, "author": "Ada Quill"}),
        ("everything", {"everything": True}),
        ("author=Ada&everything", {"everything": True, "author": "Ada"}),
        ("min_votes=5&topic=vision", {"min_upvotes": 5}),
        ("min_votes=many&topic=no-such", {"min_upvotes": 0}),
    ],
)
def test_the_form_proposes_what_the_page_shows(
    client: Client, query: str, proposed: dict[str, Any]
) -> None:
    a_topic("vision"), a_topic("robots")
    form = client.get(f"/subscribe?{query}").context["form"]
    assert {name: form[name].value() for name in proposed} == proposed


def test_a_filtered_list_proposes_its_filters(client: Client) -> None:
    a_topic("vision"), a_topic("robots")
    page = client.get("/papers/trending?topic=vision&topic=robots&min_votes=5").text
    assert "/subscribe?topic=vision&amp;topic=robots&amp;min_votes=5" in page
    assert "Vision, Robots with 5 or more upvotes by email, every day at 07:00." in page
    assert "csrf" not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "ordered"),
    [
        ("/papers/trending", "All papers by email, every day at 07:00 (UTC+2)."),
        ("/papers/trending?topic=vision", "Vision by email,"),
        ("/papers/trending?min_votes=5", "from 5 upvotes on"),
        ("/topics/vision", "Vision by email,"),
        ("/authors?name=Ada+Quill&min_votes=0", "Papers by Ada Quill by email,"),
        (
            "/topics/vision?min_votes=5",
            "Vision by email, every day at 07:00 (UTC+2), from 5 upvotes",
        ),
        ("/search?q=moss", "The search “moss” by email,"),
        ("/search?q=moss&topic=vision&min_votes=5", "“moss topic:vision” by email,"),
    ],
)
def test_address_field_on_a_list_orders_what_the_list_shows(
    client: Client, address: str, ordered: str
) -> None:
    a_topic("vision")
    upsert([an_entry(title="On moss", authors=("Ada Quill",))], now=FRIDAY_8AM)
    fields = dict(client.get(address).context["subscribe"].fields)
    typed = {"address": ADA, "time_zone": "Etc/GMT-2"}
    assert ordered in html.unescape(client.post("/subscribe", fields | typed).text)
    failed = client.post("/subscribe", fields | typed | {"address": "ada@"})
    assert '<option value="Etc/GMT-2" selected>' in failed.text


def test_who_fills_the_hidden_field_is_told_the_same_and_asked_nothing(client: Client) -> None:
    fields = {"address": ADA, "everything": "on"}
    people = client.post("/subscribe", fields).content
    Subscriber.objects.all().delete()
    assert client.post("/subscribe", fields | {"website": "x"}).content == people
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("fields", "everything", "topics", "searches"),
    [
        ({"everything": "True"}, True, 0, []),
        ({"everything": "True", "topic": "vision", "search": "moss"}, True, 1, ["moss"]),
        ({"everything": "on", "topic": "vision"}, True, 1, []),
        ({"everything": "False", "topic": "vision"}, False, 1, []),
        ({"everything": "False", "search": "moss"}, False, 0, ["moss"]),
        ({"topic": "vision"}, False, 1, []),
    ],
)
def test_what_is_chosen_is_ordered_and_nothing_else(
    client: Client, fields: dict[str, str], everything: bool, topics: int, searches: list[str]
) -> None:
    a_topic("vision")
    client.post("/subscribe", {"address": ADA} | fields)
    wishes = OrderRequest.from_list(Subscriber.objects.get().wishes or [])
    assert (wishes.everything, len(wishes.topics), wishes.searches) == (
        everything,
        topics,
        searches,
    )


@pytest.mark.slow
def test_nothing_chosen_is_an_error_with_its_reason(client: Client) -> None:
    for fields in ({}, {"everything": "False"}, {"search": " ", "hour": "9"}):
        page = client.post("/subscribe", {"address": ADA} | fields)
        [error] = page.context["form"].errors["everything"]
        assert (
            error == "Choose what you want to get: everything, or a topic, a search or an author."
        )
        assert f'value="{ADA}"' in page.text
    assert not Subscriber.objects.exists()


def test_domain_beyond_ascii_is_taken(client: Client) -> None:
    client.post("/subscribe", {"address": "Zoe@BÜCHER.example", "everything": "on"})
    assert Subscriber.objects.get().address == "zoe@bücher.example"


def test_answer_says_what_was_ordered(client: Client) -> None:
    a_topic("vision")
    page = client.post("/subscribe", {"address": ADA, "everything": "False", "topic": "vision"})
    assert "Your subscription: Vision by email, every day at 07:00 (UTC)." in page.text


# --- Addresses ---


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("jürgen@example.org", "RFC 6531"),
        ("李明@example.org", "RFC 6531"),
        ("ada\u200b@example.org", "RFC 6531"),
        ("a" * 65 + "@example.org", "more than 64 characters"),
        ("root@localhost", "with a dot"),
        ("ada@example", "with a dot"),
        ("ada@example.", "with a dot"),
        ("ada@[IPv6:::1]", "with a dot"),
        ("ada@", "with a dot"),
        ("ada@[192.0.2.1]", "with a dot"),
        ("ada@192.0.2.10", "not an email address"),
        ("ada", "not an email address"),
    ],
)
def test_address_is_refused_with_its_reason(client: Client, address: str, reason: str) -> None:
    page = client.post("/subscribe", {"address": address, "everything": "on"})
    [error] = page.context["form"].errors["address"]
    assert reason in error
    sign_up = client.post("/accounts/signup/", {"email": address, "password1": "moss-and-ferns"})
    assert sign_up.context["form"].errors["email"]
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("address", ["a" * 64 + "@example.org", "ada@bücher.example", "o'x@a.org"])
def test_address_that_mail_servers_accept_is_taken(client: Client, address: str) -> None:
    client.post("/subscribe", {"address": address, "everything": "on"})
    assert Subscriber.objects.get().address == address
