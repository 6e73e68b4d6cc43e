"""The API: its shapes to the field, its order and pages, its limits, and errors as objects."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from papers.ingest.upsert import upsert
from papers.models import Alias, Paper, PaperTopic
from papers.sources import daily_papers
from papers.web import rate_limits
from tests.factories import MARCH_14, a_paper, a_topic, an_entry
from tests.hostile import HOSTILE

pytestmark = pytest.mark.django_db
MARCH_13 = date(2025, 3, 13)
ID = re.compile("[0-9a-f]{24}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# What its accounts and readers did there, which is nobody's business here.
NOT_KEPT = {"followerCount", "isUserFollowing", "submitterOrganization", "githubRepoAddedBy"}
DAY = "/api/daily_papers?date=2025-03-14"


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def ids(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [item["paper"]["id"] for item in response.json()]


# --- Shapes ---


def test_daily_paper_has_every_field_that_clients_require(client: Client):
    a_paper(
        "On $x$",
        title_text="On x",
        key="2503.00001",
        authors=["Ada Quill", "Ben Marsh"],
        submitted_at=datetime(2025, 3, 13, 17, 8, 18, tzinfo=UTC),
        listed_at=datetime(2025, 3, 14, 4, 30, 0, 259_000, tzinfo=UTC),
        upvotes=7,
        submitter_name="Cleo Ward",
    )

    [item] = client.get(DAY).json()

    paper = item["paper"]
    assert paper["id"] == "2503.00001"
    assert [author["name"] for author in paper["authors"]] == ["Ada Quill", "Ben Marsh"]
    assert all(ID.fullmatch(it["_id"]) and it["hidden"] is False for it in paper["authors"])
    assert paper["publishedAt"] == item["publishedAt"] == "2025-03-13T17:08:18.000Z"
    assert paper["submittedOnDailyAt"] == "2025-03-14T04:30:00.259Z"
    assert paper["title"] == item["title"] == "On x"
    assert paper["summary"] == item["summary"]
    assert paper["upvotes"] == 7
    assert ID.fullmatch(paper["discussionId"])
    assert item["thumbnail"] == "http://testserver/papers/2503.00001/card.png"
    assert item["numComments"] == 0
    assert item["isAuthorParticipating"] is False
    submitter = item["submittedBy"]
    assert submitter == paper["submittedOnDailyBy"]
    assert ID.fullmatch(submitter.pop("_id"))
    assert submitter.pop("avatarUrl").startswith("http://testserver/")
    assert submitter == {
        "fullname": "Cleo Ward",
        "name": "Cleo Ward",
        "user": "Cleo Ward",
        "isPro": False,
        "isHf": False,
        "isHfAdmin": False,
        "isMod": False,
        "type": "user",
    }


def test_what_nobody_told_is_left_out_not_null(client: Client):
    a_paper()

    [item] = client.get(DAY).json()

    assert set(item) == {
        *("paper", "publishedAt", "title", "summary", "thumbnail", "numComments"),
        *("submittedBy", "isAuthorParticipating"),
    }
    assert item["submittedBy"]["type"] == "org"
    assert item["submittedBy"]["fullname"] == "Trending Papers"
    assert MOMENT.fullmatch(item["publishedAt"])


def test_what_a_source_told_stands_inside_and_outside(client: Client):
    a_paper(
        code_url="https://code.example/x",
        project_url="https://project.example",
        withdrawn=True,
        updated_at=datetime(2025, 4, 1, tzinfo=UTC),
        extra={
            "stars": 12,
            "ai_summary": "Short.",
            "keywords": ["sparse", "fast"],
            "media": ["https://media.example/a.mp4"],
            "organization": {"name": "lab", "fullname": "The Lab", "avatar": "https://a.example/"},
        },
    )

    [item] = client.get(DAY).json()

    for where in (item, item["paper"]):
        assert where["githubRepo"] == "https://code.example/x"
        assert where["githubStars"] == 12
        assert where["projectPage"] == "https://project.example"
        assert where["ai_summary"] == "Short."
        assert where["ai_keywords"] == ["sparse", "fast"]
        assert where["mediaUrls"] == ["https://media.example/a.mp4"]
        assert where["organization"]["fullname"] == "The Lab"
        assert ID.fullmatch(where["organization"]["_id"])
    assert item["paper"]["withdrawnAt"] == "2025-04-01T00:00:00.000Z"


@pytest.mark.parametrize("day", ["2025-09-30", "2026-01-28"])
def test_a_day_as_its_own_source_publishes_it(client: Client, shared_data: Path, day):
    body = (shared_data / "hf_api_raw" / f"{day}.json").read_bytes()
    entries = daily_papers.parse(body).entries
    listed_on = date.fromisoformat(day)
    upsert([replace(it, listed_on=listed_on) for it in entries], now=timezone.now())

    answer = client.get(f"/api/daily_papers?date={day}&limit=100")

    theirs = {item["paper"]["id"]: item for item in json.loads(body)}
    ours = {item["paper"]["id"]: item for item in answer.json()}
    assert ours.keys() == theirs.keys()
    for key, item in theirs.items():
        assert item.keys() - NOT_KEPT <= ours[key].keys()
        assert item["paper"].keys() - NOT_KEPT <= ours[key]["paper"].keys()
        assert item["submittedBy"].keys() - NOT_KEPT <= ours[key]["submittedBy"].keys()
        for name in ("publishedAt", "upvotes", "githubRepo", "githubStars", "ai_keywords"):
            assert item["paper"].get(name) == ours[key]["paper"].get(name)
        names = [it["name"] for it in ours[key]["paper"]["authors"]]
        shown = [it["name"] for it in item["paper"]["authors"] if not it["hidden"]]
        assert names == [" ".join(name.split()) for name in shown]
    # And whoever reads theirs can read ours.
    again = daily_papers.parse(answer.content)
    assert again.rejected == []
    assert [it.title for it in again.entries] == [it["title"] for it in answer.json()]


@pytest.mark.parametrize("extra", [{"organization": {"name": "lab"}}, {"stars": "many"}, [], "x"])
def test_odd_extras_of_a_source_break_nothing(client: Client, extra):
    paper = a_paper(extra=extra)

    assert ids(client.get(DAY)) == [paper.key]


@pytest.mark.parametrize("key", ["2503.00001", "hep-th/9901001", "p0a1b2c3d"])
def test_paper_in_full_by_any_key(client: Client, key):
    a_paper(key=key)

    paper = client.get(f"/api/papers/{key}").json()

    assert paper["id"] == key
    assert paper["linkedModels"] == paper["linkedDatasets"] == paper["linkedSpaces"] == []
    assert paper["numTotalModels"] == 0


@pytest.mark.parametrize("name", ["2503.00001v2", "10.1101/2025.03.14.000001", "pmerged99"])
def test_other_names_give_the_same_paper(client: Client, name):
    paper = a_paper(key="2503.00001")
    for alias in [
        ("arxiv", "2503.00001"),
        ("doi", "10.1101/2025.03.14.000001"),
        ("key", "pmerged99"),
    ]:
        Alias.objects.create(scheme=alias[0], value=alias[1], paper=paper)

    assert client.get(f"/api/papers/{name}").json()["id"] == "2503.00001"


def test_the_same_shape_as_a_file(client: Client):
    a_paper(key="2503.00001")

    file = client.get("/papers/2503.00001.json").json()

    assert file == client.get("/api/papers/2503.00001").json()


# --- Order and pages ---


def test_a_day_comes_by_upvotes_and_by_what_is_asked(client: Client):
    early = datetime(2025, 3, 12, tzinfo=UTC)
    a_paper(key="2503.00001", upvotes=1, submitted_at=early + timedelta(hours=1))
    a_paper(key="2503.00002", upvotes=9, submitted_at=early)
    a_paper(key="2503.00003", listed_on=MARCH_13)

    assert ids(client.get(DAY)) == ["2503.00002", "2503.00001"]
    assert ids(client.get(f"{DAY}&sort=trending")) == ["2503.00002", "2503.00001"]
    assert ids(client.get(f"{DAY}&sort=publishedAt")) == ["2503.00001", "2503.00002"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["2503.00002", "2503.00001", "2012.00053"]),
        ("week=2025-W11", ["2503.00002", "2503.00001"]),
        ("month=2025-03", ["2503.00002", "2503.00001"]),
        ("week=2020-W53", ["2012.00053"]),
        ("date=2125-01-01", []),
        ("week=2025-W11&date=2025-03-13", ["2503.00001"]),
        ("week=2025-W11&date=2020-12-31", []),
        ("submitter=Cleo+Ward", ["2503.00001"]),
        ("submitter=trending-papers", ["2503.00002", "2012.00053"]),
        ("p=1&limit=2", ["2012.00053"]),
        ("p=100", []),
        ("p=99999999999999999999", []),
    ],
)
def test_lists_by_period_submitter_and_page(client: Client, query, expected):
    a_paper(key="2503.00001", listed_on=MARCH_13, submitter_name="Cleo Ward")
    a_paper(key="2503.00002", listed_on=MARCH_14, upvotes=3)
    a_paper(key="2012.00053", listed_on=date(2020, 12, 31))

    assert ids(client.get(f"/api/daily_papers?{query}")) == expected


def test_link_leads_through_all_pages_and_ends(client: Client):
    for _ in range(5):
        a_paper()
    address, pages = f"{DAY}&limit=2", []

    while address:
        response = client.get(address)
        pages.append(ids(response))
        found = re.fullmatch(r'<(/api/daily_papers\?.*)>; rel="next"', response.get("Link", ""))
        address = found[1] if found else ""

    assert [len(page) for page in pages] == [2, 2, 1]
    assert len(set(sum(pages, []))) == 5


def test_every_paper_can_be_walked_while_new_ones_come(client: Client):
    topic = a_topic("vision")
    for number in range(5):
        PaperTopic.objects.create(paper=a_paper(upvotes=number, listed_on=None), topic=topic)
    address, found = "/api/papers?limit=2&topic=vision&min_votes=1", []

    while address:
        response = client.get(address)
        found += [item["id"] for item in response.json()]
        PaperTopic.objects.create(paper=a_paper(upvotes=9), topic=topic)
        address = response.get("Link", "")[1:].partition(">")[0]

    kept = Paper.objects.filter(listed_on=None, upvotes__gte=1).order_by("-pk")
    assert found == list(kept.values_list("key", flat=True))


def test_hidden_papers_are_nowhere(client: Client):
    paper = a_paper(key="2503.00001")
    Alias.objects.create(scheme="arxiv", value="2503.00001", paper=paper)
    paper.hide("spam")

    assert ids(client.get(DAY)) == []
    assert client.get("/api/papers").json() == []
    for name in ("2503.00001", "2503.00001v1"):
        assert client.get(f"/api/papers/{name}").status_code == 404
    assert ids(client.get("/api/papers/search?q=2503.00001")) == []


def test_tomorrows_papers_are_not_shown_today(client: Client):
    tomorrow = timezone.localdate() + timedelta(days=1)
    a_paper(listed_on=tomorrow)

    for query in (f"date={tomorrow}", f"month={tomorrow:%Y-%m}", ""):
        assert ids(client.get(f"/api/daily_papers?{query}")) == []


def test_search_finds_words_ids_and_without_a_question_the_hottest(client: Client):
    upsert([an_entry(title="Sparse attention", arxiv_id="2503.90001")], now=timezone.now())
    upsert([an_entry(title="Dense retrieval", arxiv_id="2503.90002")], now=timezone.now())
    Paper.objects.filter(key="2503.90002").update(votes_brought=9)

    assert ids(client.get('/api/papers/search?q="sparse attention"'))[0] == "2503.90001"
    assert ids(client.get("/api/papers/search?q=arXiv:2503.90002v3")) == ["2503.90002"]
    assert ids(client.get("/api/papers/search"))[0] == "2503.90002"
    assert len(ids(client.get("/api/papers/search?limit=1"))) == 1


@pytest.mark.parametrize("address", [f"{DAY}&limit=100", "/api/papers?limit=100&topic=vision"])
def test_as_many_queries_for_a_hundred_papers_as_for_one(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, address
):
    topic = a_topic("vision")
    for _ in range(100):
        PaperTopic.objects.create(paper=a_paper(), topic=topic)

    with django_assert_max_num_queries(3):
        assert len(client.get(address).json()) == 100


# --- Errors ---


@pytest.mark.parametrize(
    ("address", "status", "why"),
    [
        ("daily_papers?date=2025-13-40", 400, "no day 2025-13-40 in the calendar"),
        ("daily_papers?date=", 400, "write it as 2025-03-14"),
        ("daily_papers?date=today", 400, "write it as 2025-03-14"),
        ("daily_papers?week=2025-W60", 400, "week"),
        ("daily_papers?week=2025-W53", 400, "week is not written so"),
        ("daily_papers?month=2025-13", 400, "month"),
        ("daily_papers?limit=101", 400, "limit"),
        ("daily_papers?limit=0", 400, "limit"),
        ("daily_papers?p=-1", 400, "p: "),
        ("daily_papers?sort=hottest", 400, "sort"),
        ("papers?cursor=x", 400, "cursor"),
        ("papers?topic=nothing", 404, "no topic “nothing”"),
        ("papers/search?limit=121", 400, "limit"),
        (f"papers/search?q={'x' * 251}", 400, "q: "),
        ("papers/search?q=%00", 400, "NUL"),
        ("papers/2503.99999", 404, "no paper “2503.99999”"),
        ("agent-harnesses", 404, "/api/docs"),
    ],
)
def test_errors_are_objects_that_say_why(client: Client, address, status, why):
    response = client.get(f"/api/{address}")

    assert response.status_code == status
    assert why in response.json()["error"]
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "texts", [HOSTILE[::5], pytest.param(HOSTILE, marks=pytest.mark.long)], ids=["some", "all"]
)
@pytest.mark.sweep
def test_hostile_questions_get_an_answer(client: Client, texts: list[str]):
    a_paper()

    for text in texts:
        for path, name in [
            ("papers/search", "q"),
            ("daily_papers", "date"),
            ("daily_papers", "submitter"),
            ("papers", "topic"),
            ("papers", "cursor"),
        ]:
            cache.clear()
            assert client.get(f"/api/{path}", {name: text}).status_code in (200, 400, 404)


def test_it_is_only_read(client: Client):
    response = client.post("/api/daily_papers")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["error"]


# --- Caches, scripts elsewhere, limits ---


def test_who_has_it_gets_a_304(client: Client):
    a_paper()
    first = client.get(DAY)

    again = client.get(DAY, HTTP_IF_NONE_MATCH=first["ETag"])

    assert again.status_code == 304
    assert first["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert not first.cookies
    assert "Cookie" not in first.get("Vary", "")


def test_head_is_get_without_its_body(client: Client):
    a_paper()

    assert client.head(DAY).headers["ETag"] == client.get(DAY).headers["ETag"]


def test_scripts_of_other_sites_may_read_it(client: Client):
    preflight = client.options(DAY)

    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Headers"] == "*"
    assert preflight["Access-Control-Max-Age"] == "86400"
    for address in (DAY, "/api/papers/nothing", "/api/openapi.json"):
        assert client.get(address)["Access-Control-Allow-Origin"] == "*"


@time_machine.travel("2025-03-14 12:01", tick=False)  # no window ends in between
def test_over_the_limit_comes_a_429_that_says_when_to_ask_again(client: Client):
    standing = [client.get("/api/papers/search").headers["RateLimit"] for _ in range(2)]
    assert [it.partition(";t")[0] for it in standing] == ['"search";r=99', '"search";r=98']
    key = next(iter(cache.iter_keys("limit:search:*")))
    cache.set(key, rate_limits.SEARCH.requests)

    response = client.get("/api/papers/search")

    assert response.status_code == 429
    assert response["Retry-After"] == "240"
    assert response["RateLimit"].startswith('"search";r=0;t=')
    assert response["RateLimit-Policy"] == '"search";q=100;w=300'
    assert "Ask again in" in response.json()["error"]
    assert client.get("/api/papers").status_code == 200, "the others have a limit of their own"


@time_machine.travel("2025-03-14 12:01", tick=False)
def test_each_client_has_its_own_limit_behind_trusted_proxies_only(client: Client, settings):
    def left(**headers: str) -> str:
        return client.get("/api/papers", **headers)["RateLimit"].split(";")[1]

    assert left(HTTP_X_FORWARDED_FOR="192.0.2.1") == "r=499"
    assert left(HTTP_X_FORWARDED_FOR="192.0.2.2") == "r=498", "a header is not to be believed"

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert left(HTTP_X_FORWARDED_FOR="192.0.2.1") == "r=499"
    assert left(HTTP_X_FORWARDED_FOR="192.0.2.2") == "r=499"
    assert left(HTTP_X_FORWARDED_FOR="2001:db8:1:2::3") == "r=499"
    assert left(HTTP_X_FORWARDED_FOR="2001:db8:1:2:ffff::9") == "r=498", "one /64 is one client"

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    assert client.get("/api/papers", HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 200


def test_without_the_cache_a_process_counts_for_itself(client: Client, settings):
    a_paper()
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/1"}
    }

    responses = [client.get(DAY, REMOTE_ADDR="192.0.2.77") for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    assert [response["RateLimit"].split(";")[1] for response in responses] == ["r=499", "r=498"]


# --- Its description ---


def test_document_names_every_address_and_error(client: Client):
    document = client.get("/api/openapi.json").json()

    private = {path for path in document["paths"] if path.startswith("/api/me/")}
    assert set(document["paths"]) - private == {
        "/api/daily_papers",
        "/api/papers",
        "/api/papers/search",
        "/api/papers/{id}",
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            errors = {"401", "403"} if path in private else {"200"}
            assert errors | {"429"} <= set(operation["responses"])


def test_description_is_a_page_without_scripts_of_others(client: Client):
    page = client.get("/api/docs").content.decode()

    assert "GET /api/daily_papers" in page
    assert "number from 1 to 100, else 50" in page
    assert "//cdn" not in page
