"""An order whose papers cannot be found: refused in forms, left out of mails, and shown."""

import logging
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from papers.models.paper_queries import PaperQuerySet
from subscriptions.models import Delivery, Subscriber, Subscription
from subscriptions.sending import run
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import A_DAY, FRIDAY_8AM, a_subscriber, states

pytestmark = pytest.mark.django_db
SEARCH = {"what": "search", "words": "broken agents"}
REASONS = {"python": "year 10000 is out of range", "postgresql": "division by zero"}


@pytest.fixture(params=REASONS)
def reason(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every search with the word `broken` fails, in Python or in the database."""
    matching = PaperQuerySet.matching

    def fail(papers: PaperQuerySet, query: Any) -> PaperQuerySet:
        if "broken" not in str(query):
            return matching(papers, query)
        if request.param == "python":
            raise OverflowError(REASONS["python"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        raise AssertionError

    monkeypatch.setattr(PaperQuerySet, "matching", fail)
    return REASONS[request.param]


@pytest.mark.slow
def test_its_section_is_left_out_and_the_rest_goes(
    reason: str, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    a_paper("Moss", listed_on=FRIDAY_8AM.date())
    reader = a_subscriber("ada@example.org", orders=[SEARCH, {}])
    other = a_subscriber("ben@example.org")
    with caplog.at_level(logging.ERROR):
        run.run(FRIDAY_8AM)
    assert set(states().values()) == {Delivery.State.SENT}
    assert sorted(message.to[0] for message in mail.outbox) == [reader.address, other.address]
    assert [record.exc_info for record in caplog.records] == [None]

    assert client.get(reader.preferences_url).text.count(reason) == 1
    assert reason not in client.get(other.preferences_url).text
    client.force_login(a_user(is_staff=True, is_superuser=True))
    page = client.get("/admin/subscriptions/subscription/?problem__isempty=0").text
    assert reason in page and "ada@example.org" in page and "ben@example.org" not in page


@pytest.mark.slow
def test_it_comes_back_when_its_papers_can_be_found(
    reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_paper("Agents", listed_on=FRIDAY_8AM.date())
    a_subscriber("ada@example.org", orders=[SEARCH])
    run.run(FRIDAY_8AM)
    assert (states(), mail.outbox) == ({"ada@example.org": Delivery.State.EMPTY}, [])
    assert reason in Subscription.objects.get().problem
    monkeypatch.setattr(PaperQuerySet, "matching", lambda papers, query: papers)
    run.run(FRIDAY_8AM + A_DAY)
    assert len(mail.outbox) == 1
    assert Subscription.objects.get().problem == ""


def test_a_form_refuses_it_and_says_why(reason: str, client: Client) -> None:
    data = {"address": "ada@example.org", "search": "broken agents"}
    response = client.post("/subscribe", data)
    assert reason in response.context["form"].errors["search"][0]
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("words", ["agents date:2025..9999", "date:9999-12-31", "date:0001..2025"])
def test_a_search_over_days_at_the_end_of_time_is_an_error_of_the_form_at_most(
    words: str, client: Client
) -> None:
    response = client.post("/subscribe", {"address": "ada@example.org", "search": words})
    assert response.status_code == 200
    if not Subscriber.objects.exists():
        assert response.context["form"].errors["search"]
