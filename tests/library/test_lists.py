"""Lists of papers: private until their owner makes them public, then with feed and references."""

import pytest
from django.test import Client

from accounts.models import User
from library.models import ReadingList
from library.models.reading_list import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS
from library.views import lists
from papers.models import Paper
from tests.factories import a_paper, a_voter

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def reader(client: Client, ada: User) -> User:
    client.force_login(a_voter(ada))
    return ada


@pytest.fixture
def other(ben: User) -> Client:
    other = Client()
    other.force_login(a_voter(ben))
    return other


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def post(client: Client, address: str, **data: object) -> str:
    response = client.post(address, data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def order(kept: ReadingList) -> list[Paper]:
    return [item.paper for item in kept.items.order_by("position")]


@pytest.mark.slow
def test_a_list_is_made_changed_and_deleted(client: Client, reader: User) -> None:
    assert "You have no list yet" in text_of(client, "/me/lists")

    page = post(client, "/me/lists", title=f"Moss {HOSTILE}", description=f"Why\n\n{HOSTILE}")
    made = ReadingList.objects.get()
    assert "private: only you see it" in page
    assert "No papers yet" in page
    assert HOSTILE not in page + text_of(client, "/me/lists")
    assert text_of(client, "/me/lists").count("&lt;script&gt;") == 2

    page = post(client, f"/lists/{made.key}/edit", title="Lichen", is_public="on")
    assert "public list" in page
    made.refresh_from_db()
    assert (made.title, made.description, made.is_public) == ("Lichen", "", True)
    assert "is deleted" in post(client, f"/lists/{made.key}/delete")
    assert not ReadingList.objects.exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"title": " ", "description": "of the north"}, "Title: this is missing."),
        ({"title": "x" * (MAX_TITLE_CHARS + 1), "description": "of the north"}, "at most 120"),
        ({"title": "Fern", "description": "y" * (MAX_DESCRIPTION_CHARS + 1)}, "at most 1,000"),
    ],
)
def test_a_bad_list_is_explained_and_what_was_typed_stays(
    client: Client, reader: User, data: dict[str, str], error: str
) -> None:
    made = ReadingList.objects.create(owner=reader, title="Moss")

    for address in ("/me/lists", f"/lists/{made.key}/edit"):
        page = post(client, address, **data)
        assert error in page
        assert data["description"] in page
    assert ReadingList.objects.get().title == "Moss"


def test_two_lists_of_a_reader_have_different_titles(
    client: Client, reader: User, ben: User
) -> None:
    ReadingList.objects.create(owner=ben, title="Fern")
    moss = ReadingList.objects.create(owner=reader, title="Moss")
    twin = ReadingList.objects.create(owner=reader, title="Moss")  # older than the rule
    error = "You have a list “Moss” already."

    assert error in post(client, "/me/lists", title=" mOSS ", description="of the north")
    assert error not in post(client, f"/lists/{twin.key}/edit", title="Moss", description="Why")
    assert error not in post(client, f"/lists/{twin.key}/edit", title="Fern")
    assert error in post(client, f"/lists/{twin.key}/edit", title="moss")
    assert error not in post(client, f"/lists/{moss.key}/edit", title="MOSS")
    titles = ReadingList.objects.of_reader(reader).values_list("title", flat=True)
    assert list(titles) == ["Fern", "MOSS"]


def test_a_reader_has_so_many_lists(
    client: Client, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MAX_LISTS", 1)
    post(client, "/me/lists", title="Moss")

    assert "which is the most" in post(client, "/me/lists", title="Fern")
    assert ReadingList.objects.count() == 1


@pytest.mark.slow
def test_papers_are_added_moved_and_removed(client: Client, reader: User) -> None:
    fern, moss, reed = a_paper("On fern"), a_paper("On moss"), a_paper("On reed")
    moss.aliases.create(scheme="arxiv", value=moss.key)
    page = post(client, "/me/lists", title="Plants", paper=fern.key, next=fern.get_absolute_url())
    made = ReadingList.objects.get()
    address = made.get_absolute_url()
    assert f'aria-label="Remove from {made.title}"' in page  # on the page of the paper

    assert "Added to" in post(client, f"{address}/add", paper=moss.key)
    assert "already in" in post(
        client, f"{address}/add", paper=f"https://arxiv.org/abs/{moss.key}v2"
    )
    assert "&lt;script&gt;" in post(client, f"{address}/add", paper=HOSTILE)
    post(client, f"{address}/add", paper=reed.key)
    moss.hide("spam")
    post(client, f"{address}/move", paper=reed.key, place="1")
    assert order(made) == [reed, fern, moss]
    page = post(client, f"{address}/move", paper=reed.key, place="2")
    assert order(made) == [fern, moss, reed]
    assert page.index("On fern") < page.index("On reed")
    assert "On moss" not in page
    assert "a number from 1" in post(client, f"{address}/move", paper=reed.key, place="-1")

    page = post(client, f"{address}/remove", paper=fern.key)
    assert order(made) == [moss, reed]
    assert "1 paper " in page


def test_a_private_list_is_not_there_for_others(
    client: Client, reader: User, other: Client
) -> None:
    made = ReadingList.objects.create(owner=reader, title="Moss")
    made.add([a_paper("On fern")])
    address = made.get_absolute_url()
    for form in ("", ".atom", ".bib", ".ris"):
        text_of(other, address + form, 404)
        text_of(Client(), address + form, 404)
    assert "On fern" in text_of(client, address)
    assert "On fern" in text_of(client, f"{address}.bib")
    text_of(client, f"{address}.atom", 404)

    made.change(title="Moss", description="", is_public=True)
    for visitor in (other, Client()):
        page = text_of(visitor, address)
        assert "On fern" in page
        assert "Edit list" not in page
        assert "/move" not in page
        for form in (".atom", ".rss", ".json", ".bib", ".ris"):
            assert "On fern" in text_of(visitor, address + form)
    for deed in ("edit", "delete", "add", "remove", "move"):
        assert other.post(f"{address}/{deed}").status_code == 404
    reader.is_active = False
    reader.save()
    text_of(Client(), address, 404)


def test_the_feed_has_the_last_added_first_and_references_have_the_order(
    client: Client, reader: User
) -> None:
    fern, moss = (a_paper("On mosses", authors=["Ada Quill"]) for _ in range(2))
    made = ReadingList.objects.create(owner=reader, title=f"Moss {HOSTILE}", is_public=True)
    made.add([fern])
    made.add([moss])

    feed = text_of(client, f"{made.get_absolute_url()}.atom")
    assert feed.index(f"/papers/{moss.key}") < feed.index(f"/papers/{fern.key}")
    assert HOSTILE not in feed
    response = client.get(f"{made.get_absolute_url()}.bib")
    assert f'filename="{made.key}.bib"' in response["Content-Disposition"]
    bibtex = response.content.decode()
    assert bibtex.index(fern.key) < bibtex.index(moss.key)
    first, second = (line for line in bibtex.splitlines() if line.startswith("@"))
    assert second == first.replace(",", "-2,")
    assert text_of(client, f"{made.get_absolute_url()}.ris").count("ER  - ") == 2


def test_a_note_is_kept_as_typed_and_shown_to_its_reader_alone(
    client: Client, reader: User, other: Client
) -> None:
    paper = a_paper()
    address = paper.get_absolute_url()

    page = post(client, f"{address}/note", text=f" First.\r\n\r\n</textarea>{HOSTILE} ")
    assert "First.\n\n&lt;/textarea&gt;&lt;script&gt;" in page
    assert HOSTILE not in page
    for visitor in (other, Client()):
        assert "First." not in text_of(visitor, address)
    page = post(client, f"{address}/note", text="x" * 10_001)
    assert "at most 10,000" in page
    assert "x" * 10_001 in page
    assert "First." in text_of(client, address)
    assert "You have no note" in post(client, f"{address}/note", text=" \n ")
    assert not reader.notes.exists()
