"""A reader's programs read and write what is theirs, with a token that has the scope for it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from library.models import Note, ReadingList, Save
from papers.web import rate_limits
from reader_api.models import ApiToken
from tests.factories import a_paper, a_user, a_voter

pytestmark = pytest.mark.django_db
Call = Callable[..., HttpResponse]
ALL_SCOPES = list(ApiToken.Scope.values)


@pytest.fixture(autouse=True)
def empty_rate_limits() -> None:
    cache.clear()


def caller(reader: User, *scopes: str) -> Call:
    token = ApiToken.objects.issue(reader, "Notebook", list(scopes))
    headers = {"Authorization": f"Bearer {token}"}

    def call(method: str, path: str, data: Any = None) -> HttpResponse:
        options: dict[str, Any] = {"data": data, "content_type": "application/json"}
        send = getattr(Client(headers=headers), method.lower())
        return send(f"/api/me/{path}", **(options if data is not None else {}))  # type: ignore[no-any-return]

    return call


@pytest.fixture
def call() -> Call:
    return caller(a_voter(a_user("own@example.org")), *ALL_SCOPES)


def test_papers_are_saved_and_upvoted_and_both_taken_back(call: Call) -> None:
    paper = a_paper("Moss", key="hep-th/9901001")
    a_paper("Fern", key="2503.00001")
    for kind, moment in (("saves", "savedAt"), ("upvotes", "upvotedAt")):
        for id in ("hep-th/9901001", "2503.00001"):
            assert call("PUT", f"{kind}/{id}").status_code == 204
        rows = call("GET", kind).json()  # type: ignore[attr-defined]
        assert [row["paper"]["title"] for row in rows] == ["Fern", "Moss"]
        assert rows[0][moment].endswith("Z")
        first = call("GET", f"{kind}?limit=1")
        assert 'rel="next"' in first["Link"] and first["Cache-Control"] == "no-store, private"
        assert call("DELETE", f"{kind}/2503.00001").status_code == 204
        assert call("DELETE", f"{kind}/2503.00001").status_code == 204
        assert len(call("GET", kind).json()) == 1  # type: ignore[attr-defined]
    paper.refresh_from_db()
    assert paper.votes == 1


def test_notes_are_written_replaced_and_deleted(call: Call) -> None:
    a_paper(key="2503.00001")
    for text in ("First", "Read *again*"):
        assert call("PUT", "notes/2503.00001", {"text": text}).status_code == 204
    (note,) = call("GET", "notes").json()  # type: ignore[attr-defined]
    assert (note["paper"], note["text"]) == ("2503.00001", "Read *again*")
    assert call("PUT", "notes/2503.00001", {"text": "x" * 10_001}).status_code == 400
    assert call("DELETE", "notes/2503.00001").status_code == 204
    assert not Note.objects.exists()


def test_lists_are_made_filled_changed_and_deleted(call: Call) -> None:
    a_paper("Moss", key="2503.00001")
    a_paper("Fern", key="2503.00002")
    made = call("POST", "lists", {"title": "Reading"}).json()  # type: ignore[attr-defined]
    assert (made["isPublic"], made["papers"]) == (False, 0)
    again = call("POST", "lists", {"title": "reading"})
    assert again.status_code == 400 and "already" in again.content.decode()
    path = f"lists/{made['key']}"
    for id in ("2503.00001", "2503.00002"):
        assert call("PUT", f"{path}/papers/{id}").status_code == 204
    assert call("PUT", path, {"title": "Plants", "isPublic": True}).status_code == 204
    shown = call("GET", path).json()  # type: ignore[attr-defined]
    assert (shown["title"], shown["isPublic"]) == ("Plants", True)
    assert [paper["title"] for paper in shown["papers"]] == ["Moss", "Fern"]
    call("DELETE", f"{path}/papers/2503.00001")
    assert [row["papers"] for row in call("GET", "lists").json()] == [1]  # type: ignore[attr-defined]
    assert call("DELETE", path).status_code == 204 and not ReadingList.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "data", "status", "words"),
    [
        ("PUT", "saves/2503.99999", None, 404, "no paper"),
        ("GET", "lists/lnothing1", None, 404, "no list"),
        ("POST", "lists", {"title": " "}, 400, "missing"),
        ("POST", "lists", {"title": "x", "public": True}, 400, "public"),
        ("POST", "lists", "not JSON", 400, ""),
        ("PUT", "notes/2503.00001", {}, 400, "text"),
        ("PATCH", "lists", {}, 405, "method"),
        ("GET", "nothing", None, 404, "/api/docs"),
        ("GET", "saves?limit=0", None, 400, "limit"),
    ],
)
def test_what_is_wrong_is_said_in_an_object(
    call: Call, method: str, path: str, data: Any, status: int, words: str
) -> None:
    a_paper(key="2503.00001")
    response = call(method, path, data)
    assert response.status_code == status
    assert words in response.json()["error"]  # type: ignore[attr-defined]


def test_without_a_token_or_its_scope_nothing_is_done(client: Client, ada: User) -> None:
    a_paper(key="2503.00001")
    client.force_login(ada)
    for header in ({}, {"Authorization": "Bearer tp_wrong"}, {"Authorization": "Basic YTpi"}):
        response = client.put("/api/me/saves/2503.00001", headers=header)
        assert response.status_code == 401 and response["WWW-Authenticate"] == "Bearer"
        assert "token" in response.json()["error"]
    needed = {
        ("GET", "saves"): "read",
        ("PUT", "saves/2503.00001"): "save",
        ("PUT", "upvotes/2503.00001"): "vote",
        ("DELETE", "notes/2503.00001"): "notes",
        ("POST", "lists"): "lists",
    }
    for (method, path), scope in needed.items():
        call = caller(ada, *(other for other in ALL_SCOPES if other != scope))
        response = call(method, path, {} if method == "POST" else None)
        assert response.status_code == 403
        assert f"“{scope}”" in response.json()["error"]
    assert caller(ada, "vote")("PUT", "upvotes/2503.00001").status_code == 403  # unconfirmed
    assert not Save.objects.exists()


def test_a_token_reaches_only_what_is_its_readers(call: Call, ben: User) -> None:
    other = ReadingList.objects.create(owner=ben, title="Ben's", is_public=True)
    Save.objects.add(ben, [a_paper()])
    Note.objects.write(ben, a_paper(), "Ben's note")
    for kind in ("saves", "notes", "lists", "upvotes"):
        assert call("GET", kind).json() == []  # type: ignore[attr-defined]
    assert call("DELETE", f"lists/{other.key}").status_code == 404


def test_a_page_takes_few_queries(
    call: Call, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        call("PUT", f"saves/{a_paper().key}")
    with django_assert_max_num_queries(4):
        call("GET", "saves")


def test_requests_are_limited(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "PRIVATE", rate_limits.Policy("private", 1, 300))
    assert call("GET", "saves")["RateLimit"].startswith('"private";r=0')
    refused = call("GET", "saves")
    assert refused.status_code == 429 and "Retry-After" in refused


def test_scripts_of_other_sites_may_send_a_token(client: Client) -> None:
    preflight = client.options("/api/me/saves/2503.00001")
    assert preflight.status_code == 204
    assert "Authorization" in preflight["Access-Control-Allow-Headers"]
    assert "PUT" in preflight["Access-Control-Allow-Methods"]
