"""Public pages are kept whole, and no page is kept past what it shows."""

import gzip
import time
from collections.abc import Callable
from datetime import date, timedelta
from threading import Event, Thread

import brotli
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from papers.models import Paper, PaperTopic
from papers.web import page_version
from tests.factories import MARCH_14, a_paper, a_topic

PUBLIC = [
    "/",
    "/papers/date/2025-03-14",
    "/papers/week/2025-W11",
    "/papers/month/2025-03",
    "/papers/trending",
    "/papers/2503.99999",
    "/topics",
    "/topics/language",
    "/authors?name=Ada+Quill",
    "/search",
    "/search?q=number",
    "/about",
    "/about/ranking",
    "/status",
    "/log",
]


@pytest.fixture
def a_day(db) -> None:
    PaperTopic.objects.create(paper=a_paper(key="2503.99999"), topic=a_topic("language"))


def soon(fact: Callable[[], bool]) -> bool:
    """Whether it comes true; it takes one second or two, and more on a machine that is busy."""
    deadline = time.monotonic() + 20
    while not (found := fact()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


# --- What anybody may keep ---


@pytest.mark.parametrize("address", [*PUBLIC, "/papers/2503.00000", "/?sort=best"])
def test_anonymous_page_opens_no_session_and_sets_no_cookie(client: Client, a_day, address):
    response = client.get(address)

    assert not response.cookies
    assert not response.wsgi_request.session.accessed
    assert "csrfmiddlewaretoken" not in response.content.decode()


@pytest.mark.parametrize("address", PUBLIC)
def test_anonymous_page_may_be_kept_by_anyone(client: Client, a_day, address):
    if "authors" in address:
        from papers.models import PaperSearch

        paper = Paper.objects.get()
        PaperSearch.objects.create(paper=paper, title="", author_names=["ada quill"])
    response = client.get(address)

    assert response.status_code == 200
    assert "public" in response["Cache-Control"]
    assert "stale-while-revalidate" in response["Cache-Control"]
    assert {"Accept-Encoding", "Cookie"} <= set(response["Vary"].split(", "))


def test_page_of_a_reader_is_theirs_alone(client: Client, a_day, ada):
    client.force_login(ada)

    response = client.get("/")

    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]


def test_errors_are_not_kept(client: Client, a_day):
    assert "public" not in client.get("/papers/2503.00000").get("Cache-Control", "")


@pytest.mark.parametrize("packing", ["br", "gzip, br;q=0", ""])
def test_who_has_the_page_is_told_so_without_a_body(client: Client, a_day, packing):
    first = client.get("/", headers={"Accept-Encoding": packing})

    again = client.get("/", headers={"Accept-Encoding": packing, "If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]


@pytest.mark.parametrize(
    "accepted, unpack",
    [
        ("gzip, deflate, br, zstd", brotli.decompress),
        ("gzip, br;q=0", gzip.decompress),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_page_is_packed_as_the_browser_reads_it(client: Client, a_day, accepted, unpack):
    plain = client.get("/").content

    packed = client.get("/", headers={"Accept-Encoding": accepted})

    assert unpack(packed.content) == plain
    assert int(packed["Content-Length"]) == len(packed.content)


def test_page_with_a_token_is_packed_to_a_length_that_tells_nothing(client: Client, ada):
    a_paper()
    client.force_login(ada)

    answers = [client.get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(6)]

    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert len({len(answer.content) for answer in answers}) > 1


# --- Until something changes ---


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_kept_page_asks_the_database_for_nothing_but_the_last_change(
    client: Client, django_assert_max_num_queries
):
    a_paper(listed_on=date(2025, 1, 6))
    first = client.get("/papers/date/2025-01-06")

    with django_assert_max_num_queries(1):
        second = client.get("/papers/date/2025-01-06")

    assert second.content == first.content


def cast_a_vote(paper: Paper, reader) -> None:
    paper.upvote(reader)


def take_a_paper_in(paper: Paper, reader) -> None:
    a_paper("Fresh from the press", listed_on=paper.listed_on)


def hide_it(paper: Paper, reader) -> None:
    paper.hide("spam")


def pick_it(paper: Paper, reader) -> None:
    paper.feature()


def give_it_a_topic(paper: Paper, reader) -> None:
    PaperTopic.objects.create(paper=paper, topic=a_topic("a-topic-of-now"))


def rename_it_by_hand(paper: Paper, reader) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE papers_paper SET title = 'Another title' WHERE id = %s", [paper.pk])


def delete_the_reader(paper: Paper, reader) -> None:
    paper.upvote(reader)
    reader.delete()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "number, deed",
    list(
        enumerate(
            [
                cast_a_vote,
                take_a_paper_in,
                hide_it,
                pick_it,
                give_it_a_topic,
                rename_it_by_hand,
                delete_the_reader,
            ]
        )
    ),
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_page_is_new_within_seconds_of(client: Client, ada, number, deed):
    day = date(2025, 2, 3) + timedelta(days=number)
    paper = a_paper("On a thing", listed_on=day)
    if deed is delete_the_reader:
        paper.upvote(ada)
    before = client.get(f"/papers/date/{day}").content

    deed(paper, ada)

    assert soon(lambda: client.get(f"/papers/date/{day}").content != before)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_page_made_while_somebody_wrote_is_kept_no_longer_than_their_commit(client: Client):
    paper = a_paper("Before", listed_on=date(2025, 1, 7))
    wrote, may_commit = Event(), Event()

    def write_slowly() -> None:
        with transaction.atomic():
            Paper.objects.filter(pk=paper.pk).update(title="After")
            wrote.set()
            may_commit.wait(30)
        connection.close()

    writer = Thread(target=write_slowly)
    writer.start()
    wrote.wait(30)
    page_version.reset()
    made_meanwhile = client.get("/papers/date/2025-01-07").content.decode()
    may_commit.set()
    writer.join()

    assert "Before" in made_meanwhile
    assert soon(lambda: "After" in client.get("/papers/date/2025-01-07").content.decode())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_votes_of_many_at_once_do_not_wait_for_the_mark():
    papers = [a_paper() for _ in range(2)]
    wrote, may_commit = Event(), Event()

    def write_slowly() -> None:
        with transaction.atomic():
            Paper.objects.filter(pk=papers[0].pk).update(title="Slowly")
            wrote.set()
            may_commit.wait(30)
        connection.close()

    writer = Thread(target=write_slowly)
    writer.start()
    wrote.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '10s'")  # a wait would end in an error
        Paper.objects.filter(pk=papers[1].pk).update(title="Meanwhile")
        cursor.execute("RESET statement_timeout")
    may_commit.set()
    writer.join()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_page_of_yesterday_is_not_shown_today(client: Client, time_machine):
    tomorrow = timezone.localdate() + timedelta(days=1)
    a_paper("Tomorrow's", listed_on=tomorrow)
    a_paper("Today's", listed_on=timezone.localdate())
    assert "Tomorrow's" not in client.get("/").content.decode()

    time_machine.move_to(timezone.now() + timedelta(days=1))

    assert "Tomorrow&#x27;s" in client.get("/").content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_without_the_cache_pages_are_drawn(client: Client, settings, ada):
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/1"}
    }
    paper = a_paper("On a thing", listed_on=MARCH_14)

    assert "On a thing" in client.get("/").content.decode()
    paper.upvote(ada)
    assert soon(lambda: '<data value="1">' in client.get("/").content.decode())
    client.force_login(ada)
    assert client.get("/").status_code == 200
