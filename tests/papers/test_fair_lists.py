"""`fair=1` divides the votes of a paper by what its topics usually get; the list stays a list."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from papers.models import Topic
from papers.web import pagination
from tests.factories import a_paper, a_topic

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def papers_of_two_topics() -> None:
    large, small = a_topic("large", vote_share=2), a_topic("small", vote_share=0.5)
    for title, votes, topics in [
        ("Of large", 30, [large]),
        ("Of both", 20, [large, small]),
        ("Of small", 10, [small]),
        ("Of none", 12, []),
        ("Picked", 0, [large]),
    ]:
        paper = a_paper(title, upvotes=votes, listed_on=TODAY, featured=title == "Picked")
        paper.topics.set(topics)


def titles(client: Client, address: str) -> list[str]:
    page = client.get(address).content.decode()
    return re.findall(r"<h2><a href=[^>]+>([^<]+)</a>", page)


def test_order_and_explanation(client: Client, django_assert_max_num_queries):
    day = f"/papers/date/{TODAY}"

    assert titles(client, day) == ["Picked", "Of large", "Of both", "Of none", "Of small"]
    with django_assert_max_num_queries(6):
        page = client.get(f"{day}?fair=1").content.decode()
    assert titles(client, f"{day}?fair=1") == [
        *("Picked", "Of small", "Of both", "Of large", "Of none")
    ]
    assert "1.32 points for 10 upvotes, divided by 0.50" in page
    assert "1.11 points for 12 upvotes; " in page, "a paper without topics keeps its votes"
    assert 'id="fair" href="/papers/date/' in page
    assert "fair=1" in re.search(r'href="(/feeds/day/[^"]+)"', page)[1]


def test_lists_over_all_days_leave_out_old_papers(client: Client):
    old = a_paper("Very old", upvotes=9_000)  # in March 2025
    old.topics.set(Topic.objects.filter(slug="large"))

    assert "Very old" in titles(client, "/topics/large")
    assert "Very old" not in titles(client, "/topics/large?fair=1")
    assert "Very old" not in titles(client, "/papers/trending?fair=1")
    assert titles(client, f"/papers/date/{old.listed_on}?fair=1") == ["Very old"]


def test_filters_pages_and_feeds_keep_it(client: Client, monkeypatch):
    monkeypatch.setattr(pagination, "PAGE_SIZE", 2)

    first = client.get("/papers/trending?fair=1&min_votes=1").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")

    assert "fair=1" in following and "after=" not in following
    assert titles(client, "/papers/trending?fair=1&min_votes=1") == ["Of small", "Of both"]
    assert titles(client, following) == ["Of large", "Of none"]
    assert titles(client, "/papers/trending?fair=1&topic=large") == ["Of both", "Of large"]
    feed = client.get("/feeds/trending.atom?fair=1&min_votes=1").content.decode()
    assert "fair to small topics" in feed
    assert feed.count("<entry>") == 4


def test_it_is_nothing_in_other_orders_and_any_other_value_is_refused(client: Client):
    assert titles(client, f"/papers/date/{TODAY}?fair=1&sort=upvotes")[0] == "Of large"
    assert client.get(f"/papers/date/{TODAY}?fair=yes").status_code == 400
