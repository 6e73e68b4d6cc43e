"""/status tells everybody how the sources are doing, and nothing that is not theirs to know."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from papers.models import Backfill, Poll, Source

pytestmark = pytest.mark.django_db

TUESDAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def a_source(name: str, polled_at: datetime = NOON, **fields: object) -> Source:
    defaults = {
        "url": f"https://rss.arxiv.org/rss/{name}",
        "newest_entry_on": TUESDAY,
        "last_success_at": NOON - timedelta(hours=1),
    }
    source = Source.objects.create(name=name, **(defaults | fields))
    Poll.objects.create(source=source, started_at=polled_at - timedelta(days=30), status=200)
    Poll.objects.create(source=source, started_at=polled_at, status=200, entries=212, new=212)
    return source


def late(name: str) -> Source:
    return a_source(name, newest_entry_on=TUESDAY - timedelta(days=1), last_success_at=NOON)


def broken(name: str) -> Source:
    source = a_source(
        name,
        NOON - timedelta(days=3),
        failures=9,
        newest_entry_on=date(2026, 11, 20),
        last_success_at=NOON - timedelta(days=3),
        last_error="http://me:hunter2@10.0.0.7/feed?key=s3cret: timed out",
    )
    Poll.objects.create(source=source, started_at=NOON - timedelta(days=2), error="timed out")
    return source


def read(html: str) -> str:
    """As one who sees the page reads it."""
    return re.sub(r"\s+", " ", strip_tags(html.partition("<main")[2]))


def the_page() -> str:
    response = Client().get("/status")
    assert response.status_code == 200
    return response.content.decode()


def test_source_in_good_health_shows_what_it_brought_and_when_more_will_come():
    a_source("arXiv cs.CL")

    page = the_page()

    assert "The only source is fresh." in page
    assert "cs.CL Fresh today 212 – tomorrow 06:00 11:00" in read(page)
    assert '<time datetime="2026-11-24T11:00:00+0000">11:00</time>' in page
    assert '<time datetime="2026-11-25T06:00:00+0000">tomorrow 06:00</time>' in page


@pytest.mark.parametrize(
    "make, summary",
    [
        ([a_source] * 3, "All 3 sources are fresh."),
        ([late], "The only source is late."),
        ([late, late, a_source], "2 of 3 sources are late."),
        ([broken, a_source], "1 of 2 sources is out of reach."),
        ([late, late, broken, a_source], "2 of 4 sources are late and 1 is out of reach."),
    ],
)
def test_first_sentence_says_it_all(make, summary):
    for number, one in enumerate(make):
        one(f"arXiv {number}")

    assert summary in the_page()


def test_weekend_is_no_trouble():
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        for name in "ab":
            a_source(name, newest_entry_on=date(2026, 11, 20), polled_at=NOON - timedelta(days=4))
        page = the_page()

    assert "All 2 sources are quiet, as is usual today." in page
    assert "arXiv announces nothing on weekends." in page


def test_state_is_in_words_and_those_in_trouble_stand_first():
    a_source("arXiv a")
    late("arXiv b")
    broken("arXiv c")
    a_source("arXiv d", disabled_at=NOON, disabled_why="a quarrel")
    Source.objects.create(name="arXiv e", url="https://rss.arxiv.org/rss/e")

    page = read(the_page())

    states = re.findall(r"\b([a-e]) (Fresh|Late|Broken|Disabled|New|Quiet)", page)
    assert [state for _, state in states] == ["Broken", "Late", "New", "Fresh", "Disabled"]
    assert "Late Today’s papers have not come yet." in page
    assert "was due 06:00" in page
    assert "Broken Since Sun 22 Nov 12:00. It cannot be reached." in page
    assert "quarrel" not in page


def test_page_shows_no_address_and_no_error_text():
    broken("arXiv c")

    page = the_page()

    for secret in ("hunter2", "s3cret", "10.0.0.7", "timed out", "rss.arxiv.org"):
        assert secret not in page


def test_name_is_text_and_never_markup():
    a_source("<script>alert(1)</script>")

    assert "<script>alert(1)" not in the_page()


def test_site_without_sources_says_what_that_means():
    page = the_page()

    assert "No sources yet" in page
    assert "<table" not in page


def test_site_whose_sources_are_all_new_or_off_says_so():
    source = Source.objects.create(name="arXiv e", url="https://rss.arxiv.org/rss/e")
    assert "No source has been asked yet." in the_page()

    source.disable(NOON, "")
    assert "No source is switched on." in the_page()


def test_page_sets_no_cookie_and_changes_nothing():
    late("arXiv a")
    client = Client()

    response = client.get("/status")

    assert not response.cookies
    assert client.head("/status").status_code == 200
    assert client.post("/status").status_code == 405


def test_page_takes_the_same_few_queries_for_any_number_of_sources(
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    for number in range(12):
        broken(f"arXiv {number}")

    with django_assert_max_num_queries(4):  # one for backfills
        the_page()


def test_page_shows_how_far_the_first_days_are():
    source = a_source("arXiv cs.CL")
    Backfill.objects.create(
        since=TUESDAY - timedelta(days=1), until=TUESDAY, done_through=TUESDAY, new=9
    )
    assert "being fetched" not in read(the_page())

    Backfill.objects.update(done_through=TUESDAY - timedelta(days=1), new=1234)
    Backfill.objects.create(source=source, since=TUESDAY, until=TUESDAY, last_error="HTTP 500")

    words = read(the_page())
    assert "The papers of the last days are being fetched" in words
    assert "1,234 papers so far. Monday 23 November: 0" in words
    assert "arXiv cs.CL: earlier papers are being fetched" in words
    assert "HTTP 500" not in words
