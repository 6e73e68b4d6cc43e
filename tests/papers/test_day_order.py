"""A position that a curator set is the place itself: on the page, in feed, API and digest."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from papers.models import Paper
from papers.models.day_order import in_curated_order
from subscriptions.issues.candidates import Candidates
from subscriptions.models import Subscription
from tests.factories import a_paper, a_topic

MONDAY, TUESDAY = date(2025, 3, 10), date(2025, 3, 11)


@dataclass
class Row:
    name: str
    listed_on: date | None
    position: int | None


@pytest.mark.parametrize(
    ("positions", "order"),
    [
        ({}, "abcdef"),
        ({"f": 3}, "abfcde"),
        ({"a": 6, "f": 1}, "fbcdea"),
        ({"a": 99}, "bcdefa"),
        ({"e": 2, "f": 2}, "aefbcd"),  # a place that is taken twice
        ({"e": 2, "f": 2, "a": 4}, "befacd"),
        ({"a": 98, "b": 97}, "cdefba"),
    ],
)
def test_third_means_third(positions, order):
    rows = [Row(letter, MONDAY, positions.get(letter)) for letter in "abcdef"]

    assert "".join(row.name for row in in_curated_order(rows)) == order


def test_a_day_keeps_the_places_that_its_papers_have_among_those_of_other_days():
    days = {"a": TUESDAY, "b": MONDAY, "c": TUESDAY, "d": TUESDAY}
    rows = [Row(name, day, 1 if name == "d" else None) for name, day in days.items()]

    assert [row.name for row in in_curated_order(rows)] == ["d", "b", "a", "c"]


def test_page_feed_api_and_digest_have_the_third_paper_at_the_third_place(client: Client, db):
    today = timezone.localdate()
    vision = a_topic("vision")
    for votes in range(9):
        a_paper(f"Liked {votes}", upvotes=votes, listed_on=today).topics.add(vision)
    third = a_paper("The third", listed_on=today, position=3)
    third.topics.add(vision)
    a_paper("A pick", listed_on=today, featured=True)
    yesterday = today - timedelta(days=1)
    a_paper("Older", upvotes=50, listed_on=yesterday, position=1)

    def titles(path: str, pattern: str) -> list[str]:
        response = client.get(path)
        assert response.status_code == 200
        return re.findall(pattern, response.text)

    by_votes = ["A pick", "Liked 8", "The third", "Liked 7", "Liked 6"]
    page = titles(f"/papers/date/{today}", r"<h2[^>]*>\s*<a[^>]*>([^<]+)</a>")
    assert page[:5] == by_votes
    api = [row["title"] for row in client.get(f"/api/daily_papers?date={today}").json()]
    assert api[:5] == by_votes
    second_page = client.get(f"/api/daily_papers?date={today}&limit=2&p=1").json()
    assert [row["title"] for row in second_page] == by_votes[2:4]
    filtered = titles(f"/papers/date/{today}?topic=vision", r"<h2[^>]*>\s*<a[^>]*>([^<]+)</a>")
    assert filtered[:4] == ["Liked 8", "Liked 7", "The third", "Liked 6"]
    fair = titles(f"/papers/date/{today}?fair=1", r"<h2[^>]*>\s*<a[^>]*>([^<]+)</a>")
    assert fair[2] == "The third"
    feed = client.get(f"/feeds/day/{today}.json").json()["items"]
    assert [item["title"] for item in feed].index("The third") == 2
    daily = Candidates(timezone.now()).papers(Subscription(frequency="daily"), today).ids
    titles_by_key = dict(Paper.objects.values_list("pk", "title"))
    of_today = [titles_by_key[pk] for pk in daily if titles_by_key[pk] != "Older"]
    assert of_today[:5] == by_votes
    weekly = Candidates(timezone.now()).papers(Subscription(frequency="weekly"), today).ids
    assert [titles_by_key[pk] for pk in weekly] == ["Older"]


def test_the_feed_keeps_its_order_when_votes_move_the_page(client: Client, ada, db):
    today = timezone.localdate()
    papers = [a_paper(f"Paper {number}", listed_on=today) for number in range(4)]
    a_paper("Second", listed_on=today, position=2)
    before = client.get(f"/feeds/day/{today}.json").json()["items"]

    papers[3].upvote(ada)

    after = client.get(f"/feeds/day/{today}.json").json()["items"]
    assert [item["id"] for item in after] == [item["id"] for item in before]
    assert after[1]["title"] == "Second"
