"""A reader's own pages: what they saved, upvoted and read, and a search among it."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from library.models import Note, ReadMark, Save
from papers.models import PaperSearch
from papers.web import pagination
from tests.factories import a_paper, a_voter

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def reader(client: Client, ada: User) -> User:
    client.force_login(a_voter(ada))
    return ada


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    assert "private" in response["Cache-Control"]
    return response.content.decode()


def test_each_page_shows_what_its_reader_kept_the_newest_first(
    client: Client, reader: User, ben: User
) -> None:
    fern, moss, reed = a_paper("On fern"), a_paper("On moss"), a_paper("On reed")
    for address, words in {"saved": "saved", "upvoted": "upvoted", "read": "read"}.items():
        assert f"You have not {words} a paper yet" in page_of(client, f"/me/{address}")

    Save.objects.add(reader, [fern])
    Save.objects.add(reader, [moss])
    Save.objects.add(ben, [reed])
    reed.upvote(reader)
    ReadMark.objects.add(reader, fern)

    saved = page_of(client, "/me/saved")
    assert "2 papers" in saved
    assert saved.index("On moss") < saved.index("On fern")
    assert "On reed" not in saved
    assert "On reed" in page_of(client, "/me/upvoted")
    assert "On fern" in page_of(client, "/me/read")
    assert client.get("/me")["Location"] == "/me/saved"
    assert 'aria-current="page">Mine' in saved
    moss.hide("spam")
    assert "1 paper" in page_of(client, "/me/saved")
    assert Client().get("/me/saved")["Location"] == "/accounts/login/?next=/me/saved"


def test_search_finds_words_of_papers_and_of_ones_own_notes(
    client: Client, reader: User, ben: User
) -> None:
    fern, moss = a_paper("On fern"), a_paper("On moss")
    for paper in (fern, moss, a_paper("On moss in general")):
        PaperSearch.objects.create(paper=paper, title=paper.title)
    Save.objects.add(reader, [fern, moss])
    Note.objects.write(reader, fern, "Compare with the lichen")
    Note.objects.write(ben, moss, "Lichen too")

    found = page_of(client, "/me/saved?q=moss")
    assert "1 paper with these words" in found
    assert "On fern" not in found
    assert "On fern" in page_of(client, "/me/saved?q=lichen")
    nothing = page_of(client, f"/me/saved?q={HOSTILE}")
    assert "No results" in nothing
    assert HOSTILE not in nothing
    assert "holds no letter or digit" in page_of(client, "/me/saved?q=%22..%22")


def test_a_long_list_is_cut_into_pages_and_asks_few_queries(
    client: Client,
    reader: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(pagination, "PAGE_SIZE", 20)
    papers = [a_paper() for _ in range(45)]
    Save.objects.add(reader, papers)

    with django_assert_max_num_queries(8):
        first = page_of(client, "/me/saved")
    last = page_of(client, "/me/saved?page=3")

    assert papers[0].get_absolute_url() in first
    assert (first.count("<article"), last.count("<article")) == (20, 5)
    assert "Page 3 of 3" in last
    assert client.get("/me/saved?page=4").status_code == 404


def test_the_page_of_a_paper_marks_it_as_read_once(client: Client, reader: User) -> None:
    paper = a_paper()
    address = paper.get_absolute_url()
    Client().get(address)
    client.head(address)
    client.get(address, headers={"Sec-Purpose": "prefetch"})
    client.get("/papers/trending")
    assert not ReadMark.objects.exists()

    page_of(client, address)
    read_at = ReadMark.objects.get().read_at
    page_of(client, address)
    assert ReadMark.objects.get().read_at == read_at
    assert " data-read" in page_of(client, "/papers/trending")

    assert "Mark as unread" in page_of(client, "/me/read")
    response = client.post(f"{address}/unread", {"next": "/me/read"})
    assert response["Location"] == "/me/read"
    assert not ReadMark.objects.exists()


def test_read_marks_are_deleted_together(client: Client, reader: User, ben: User) -> None:
    ReadMark.objects.add(reader, a_paper())
    ReadMark.objects.add(ben, a_paper())

    response = client.post("/me/read/clear", follow=True)

    assert "All your read marks are deleted." in response.content.decode()
    assert ReadMark.objects.get().reader == ben
