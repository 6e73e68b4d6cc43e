"""The papers of one name."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.test import Client

from papers.ingest.upsert import upsert
from papers.models import Paper
from tests.factories import an_entry


@pytest.fixture(autouse=True)
def papers(db: None) -> None:
    entries = [
        an_entry(title="On q", authors=("Łukasz Młynarz", "Ada Quill")),
        an_entry(title="On r", authors=("Ada Quill",)),
        an_entry(title="On s", authors=("Ada Quillon",)),
    ]
    upsert(entries, now=datetime(2025, 3, 14, 9, tzinfo=UTC))


@pytest.mark.parametrize("spelling", ["Łukasz Młynarz", "lukasz mlynarz", " LUKASZ  Młynarz "])
def test_name_is_found_however_it_is_accented(client: Client, spelling):
    response = client.get("/authors", {"name": spelling})
    page = response.content.decode()

    assert response.status_code == 200
    assert "<h1>Łukasz Młynarz</h1>" in page
    assert "On q" in page
    assert "On r" not in page


def test_only_the_whole_name_is_found(client: Client):
    page = client.get("/authors", {"name": "Ada Quill"}).content.decode()

    assert "On q" in page
    assert "On r" in page
    assert "On s" not in page


def test_spellings_share_one_canonical_address(client: Client):
    page = client.get("/authors", {"name": "lukasz mlynarz"}).content.decode()

    assert f"/authors?name={quote('Łukasz')}+{quote('Młynarz')}" in page


def test_author_can_be_followed(client: Client):
    page = client.get("/authors", {"name": "Ada Quill"}).content.decode()

    assert "/subscribe?author=Ada+Quill" in page


@pytest.mark.parametrize("name", ["Nobody", "Ada", "'; DROP TABLE x", "%", "…"])
def test_unknown_name_is_explained(client: Client, name):
    response = client.get("/authors", {"name": name})

    assert response.status_code == 404
    assert "No papers by this name" in response.content.decode()


@pytest.mark.parametrize("query", ["", "?name=", "?name=%20"])
def test_without_a_name_one_is_asked_for(client: Client, query):
    response = client.get(f"/authors{query}")

    assert response.status_code == 200
    assert 'name="name"' in response.content.decode()


def test_hidden_papers_are_nobodys(client: Client):
    for paper in Paper.objects.all():
        paper.hide("spam")

    assert client.get("/authors", {"name": "Ada Quill"}).status_code == 404


@pytest.mark.parametrize("query", ["&sort=new", "&sort=upvotes", "&min_votes=0"])
def test_lists_filters_work(client: Client, query):
    assert client.get(f"/authors?name=Ada+Quill{query}").status_code == 200


def test_claims_of_authors_take_no_further_query_than_the_page_took_without_them(
    client: Client, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):  # the name, topics, rows, claims
        client.get("/authors", {"name": "Ada Quill"})
