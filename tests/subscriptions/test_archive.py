"""The general digests are settled once, and stand there for anybody to read and to follow."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
import time_machine
from django.core.cache import cache
from django.db import connections
from django.test import Client

from papers.models import Paper
from subscriptions.issues import archive
from subscriptions.models import Delivery, Issue, Subscriber
from subscriptions.sending import run
from tests.factories import MARCH_14, a_paper
from tests.subscriptions.factories import A_DAY, AN_HOUR, FRIDAY_8AM, a_subscriber
from tests.subscriptions.test_digests import found

pytestmark = pytest.mark.django_db
DAILY = "/digests/daily/2025-03-14"


def published() -> list[str]:
    return sorted(str(issue) for issue in Issue.objects.exclude(papers=[]))


def titles(period: str, frequency: str = "daily") -> list[str]:
    issue = Issue.objects.get(frequency=frequency, period=period)
    papers = Paper.objects.in_bulk(issue.papers)
    return [str(papers[pk]) for pk in issue.papers]


# --- How they are made ---


def test_one_of_each_frequency_is_out_at_the_hour_of_the_site() -> None:
    a_paper("Moss")
    a_paper("Fern", listed_on=MARCH_14 - A_DAY)
    archive.publish(FRIDAY_8AM - 2 * AN_HOUR)  # it was too early for today's
    assert published() == ["daily 2025-03-13", "weekdays 2025-03-13"]
    assert titles("2025-03-13") == ["Fern"]  # though Moss is on its page by now
    archive.publish(FRIDAY_8AM)
    assert Issue.objects.filter(period="2025-03-14").count() == 2
    assert titles("2025-03-14") == ["Moss"]


def test_an_issue_is_settled_once_with_its_papers_in_order() -> None:
    a_paper("Cold", upvotes=1)
    a_paper("Hot", upvotes=50)
    a_paper("Picked", featured=True)
    archive.publish(FRIDAY_8AM)
    a_paper("Late", upvotes=99)
    assert archive.publish(FRIDAY_8AM + AN_HOUR) == []
    assert titles("2025-03-14") == ["Picked", "Hot", "Cold"]


def test_a_paused_issue_is_out_once_it_is_resumed(client: Client) -> None:
    a_paper("Moss")
    Issue.objects.create(
        frequency="daily", period="2025-03-14", first_day=MARCH_14, last_day=MARCH_14
    ).pause("Look again")
    address = "/digests/daily/2025-03-14"
    archive.publish(FRIDAY_8AM)
    assert client.get(address).status_code == 404
    Issue.objects.get(frequency="daily", period="2025-03-14").resume()
    archive.publish(FRIDAY_8AM + AN_HOUR)
    assert "Moss" in client.get(address).text
    Issue.objects.get(frequency="daily", period="2025-03-14").pause("A mistake")
    assert client.get(address).status_code == 404
    assert "2025-03-14" not in client.get("/digests").text


def test_no_paper_stands_in_two_issues_of_a_frequency() -> None:
    a_paper("Early")
    archive.publish(FRIDAY_8AM)
    a_paper("Late, but of the same day")
    archive.publish(FRIDAY_8AM + A_DAY)
    assert titles("2025-03-15") == ["Late, but of the same day"]
    archive.publish(FRIDAY_8AM + 3 * A_DAY)
    assert titles("2025-W11", "weekly") == ["Late, but of the same day", "Early"]


def test_a_stale_issue_is_not_made_up_for() -> None:
    a_paper()
    archive.publish(FRIDAY_8AM + A_DAY)
    assert published() == ["daily 2025-03-15"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_those_who_publish_at_once_settle_it_once() -> None:
    a_paper()

    def publish(_: int) -> int:
        try:
            return len(archive.publish(FRIDAY_8AM))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        settled = list(pool.map(publish, range(4)))
    assert sum(settled) == 2


def test_it_costs_a_sweep_two_queries(django_assert_max_num_queries: Any) -> None:
    archive.publish(FRIDAY_8AM)
    with django_assert_max_num_queries(2):
        archive.publish(FRIDAY_8AM)


# --- How they are read ---


@pytest.fixture
def issues() -> None:
    for number in range(3):
        for paper in range(5):
            a_paper(f"Moss {number}.{paper}", upvotes=9 - paper)
        archive.publish(FRIDAY_8AM + number * A_DAY)
    cache.clear()


def test_the_archive_lists_the_newest_first(client: Client, issues: None) -> None:
    page = client.get("/digests").text
    assert page.index("/digests/daily/2025-03-16") < page.index(DAILY)
    assert "and 2 more" in page


def test_an_issue_is_a_page_with_its_neighbours(client: Client, issues: None) -> None:
    response = client.get("/digests/daily/2025-03-15")
    assert response.text.count('<article class="paper"') == 5
    assert f'rel="prev" href="{DAILY}"' in response.text
    assert 'rel="next" href="/digests/daily/2025-03-16"' in response.text
    assert not response.cookies


def test_an_issue_links_days_that_have_papers(client: Client, issues: None) -> None:
    for day in (14, 15, 16):  # Sunday's holds Friday's papers
        page = client.get(f"/digests/daily/2025-03-{day}").text
        assert '<a href="/papers/date/2025-03-14">All papers of Fri 14 Mar</a>' in page
        assert "/papers/date/2025-03-15" not in page and "/papers/date/2025-03-16" not in page


def test_pages_cost_a_bounded_number_of_queries(
    client: Client, issues: None, django_assert_max_num_queries: Any
) -> None:
    for path in ("/digests", DAILY, "/feeds/digests.atom"):
        with django_assert_max_num_queries(7):
            assert client.get(path).status_code == 200


def test_a_hidden_paper_is_not_shown(client: Client, issues: None) -> None:
    Paper.objects.get(title="Moss 0.0").hide("spam")
    for path in ("/digests", DAILY, "/feeds/digests.json"):
        assert "Moss 0.0" not in client.get(path).text


@pytest.mark.parametrize(
    "path",
    [
        "/digests/daily/2025-03-20",
        "/digests/daily/2025-13-01",
        "/digests/daily/nonsense",
        "/digests/weekly/2025-03-14",
        "/digests/monthly/2025-03",
        "/digests?frequency=hourly",
        "/digests?page=99",
        "/digests?page=x",
        "/feeds/digests.atom?frequency=hourly",
        "/feeds/digests.xml",
        "/digests/view/1-1:forged",
    ],
)
def test_what_is_not_there_is_a_404_in_words(client: Client, issues: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "Traceback" not in response.text


def test_a_missing_issue_offers_the_newest(client: Client, issues: None) -> None:
    assert "/digests/daily/2025-03-16" in client.get("/digests/daily/2025-03-20").text


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_the_archive_can_be_followed(client: Client, issues: None, form: str) -> None:
    response = client.get(f"/feeds/digests.{form}")
    if form == "json":
        entries = response.json()["items"]
    else:
        feed = feedparser.parse(io.BytesIO(response.content))
        assert not feed.bozo
        entries = feed.entries
    assert [entry["title"] for entry in entries] == [
        f"Moss {n}.0, and 4 more papers · {day} March"
        for n, day in ((2, "Sunday 16"), (1, "Saturday 15"), (0, "Friday 14"))
    ]
    assert (
        client.get(
            f"/feeds/digests.{form}", headers={"If-None-Match": response["ETag"]}
        ).status_code
        == 304
    )


# --- View in browser ---


def sent(**order: Any) -> Delivery:
    found("Moss on walls", authors=["Ben Marsh"])
    subscriber = a_subscriber("ada@example.org", orders=[order])
    run.run(FRIDAY_8AM)
    return Delivery.objects.get(subscriber=subscriber)


def test_a_digest_is_read_on_the_web_by_whoever_has_its_link(client: Client) -> None:
    delivery = sent(what="search", words="moss")
    response = client.get(delivery.view_url)
    assert "Moss on walls" in response.text
    assert "“moss”" in response.text
    assert "ada@" not in response.text
    for way in (delivery.subscriber.preferences_url, delivery.subscriber.unsubscribe_url):
        assert way not in response.text
    assert "You follow this search" in response.text
    assert '<a href="/papers/date/2025-03-14">All papers of Fri 14 Mar</a>' in response.text
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"  # known to us alone


def test_the_link_of_a_digest_opens_nothing_else(client: Client) -> None:
    token = sent().view_url.rpartition("/")[2]
    for page in ("", "/data", "/forget", "/unsubscribe", "/confirm"):
        assert client.post(f"/subscriptions/{token}{page}").status_code == 404


def test_who_is_forgotten_leaves_no_digest_behind(client: Client) -> None:
    url = sent().view_url
    Subscriber.objects.all().delete()
    assert client.get(url).status_code == 404


def test_an_issue_says_when_it_is_out_in_the_zone_of_the_site(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    a_paper()
    with time_machine.travel(datetime(2025, 3, 13, 22, 5, tzinfo=UTC)):
        archive.publish(datetime(2025, 3, 13, 22, 5, tzinfo=UTC))
    assert "daily 2025-03-14" in published()


@pytest.mark.parametrize("address", ["/digests", DAILY])
def test_anybody_may_keep_the_archive_for_a_moment(client: Client, address: str) -> None:
    a_paper("Moss")
    archive.publish(FRIDAY_8AM)

    response = client.get(address)

    assert response.status_code == 200
    assert "public" in response["Cache-Control"]
    assert not response.cookies
