"""What a reader brings along, and what they take with them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from library.models import ListItem, ListReport, Note, ReadingList, ReadMark, Save
from library.models import reading_list as reading_lists
from papers.models import Paper
from subscriptions import personal_data
from tests.factories import a_paper, a_voter

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def reader(client: Client, ada: User) -> User:
    client.force_login(a_voter(ada))
    return ada


def send(client: Client, **data: object) -> str:
    response = client.post("/me/import", data)
    assert response.status_code == 200
    page = response.content.decode()
    assert HOSTILE not in page
    return page


def known(arxiv_id: str, doi: str = "") -> Paper:
    paper = a_paper(key=arxiv_id, doi=doi)
    paper.aliases.create(scheme="arxiv", value=arxiv_id)
    if doi:
        paper.aliases.create(scheme="doi", value=doi)
    return paper


def saved(reader: User) -> list[Paper]:
    return [save.paper for save in reader.saves.order_by("-pk")]


def test_what_is_not_here_is_counted_and_named(client: Client, reader: User) -> None:
    moss, fern = known("2502.03793"), known("2502.03794", "10.1000/fern")
    Save.objects.add(reader, [moss])
    hidden = known("2502.03795")
    hidden.hide("spam")

    lines = ["2502.03793v2", "https://doi.org/10.1000/FERN", "2502.03795", f"moss {HOSTILE}"]
    page = send(client, text="\n".join(lines))

    assert "1 paper added." in page
    assert "1 was there already." in page
    assert "2 are not on this site" in page
    assert "/submit?id=2502.03795" in page
    assert "no id recognised" in page
    assert saved(reader) == [fern, moss]


def test_a_bibtex_file_goes_into_a_list_in_its_order(
    client: Client, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    moss, fern = known("2502.03793"), known("2502.03794", "10.1000/fern")
    kept = ReadingList.objects.create(owner=reader, title="Plants")
    bibtex = "@misc{a, doi={10.1000/fern}}\n@misc{b, eprint={2502.03793}}\n@misc{c, title={Ä}}"
    file = SimpleUploadedFile("own.bib", b"\xef\xbb\xbf" + bibtex.encode())

    page = send(client, file=file, into=kept.pk)

    assert "2 papers added." in page
    assert "Ä" in page
    assert [item.paper for item in kept.items.order_by("position")] == [fern, moss]
    assert not Save.objects.exists()
    known("2502.03796")
    monkeypatch.setattr(reading_lists, "MAX_ITEMS", 2)
    page = send(client, text="2502.03796", into=kept.pk)
    assert "Not added" in page
    assert "2502.03796</textarea>" in page


def test_a_bad_import_is_explained_and_what_was_pasted_stays(
    client: Client, reader: User, ben: User
) -> None:
    other = ReadingList.objects.create(owner=ben, title="Secret")

    assert "There is nothing to import" in send(client, text=" \n")
    assert "larger than" in send(client, file=SimpleUploadedFile("x", b"x" * 2_000_001))
    page = send(client, text=f"2502.03793 {HOSTILE}", into=other.pk)
    assert "Select a valid choice" in page
    assert "2502.03793 &lt;script&gt;" in page
    assert "Secret" not in page
    assert not Save.objects.exists()


def test_an_export_has_everything_and_references_have_the_notes(
    client: Client, reader: User, ben: User
) -> None:
    fern, moss, reed, other = (a_paper(name) for name in ("On fern", "On moss", "On reed", "Ben's"))
    Save.objects.add(reader, [fern])
    Save.objects.add(ben, [other])
    ReadMark.objects.add(reader, reed)
    moss.upvote(reader)
    Note.objects.write(reader, fern, "Good\nproof, 50%")
    kept = ReadingList.objects.create(owner=reader, title="Plants")
    kept.add([reed])
    of_ben = ReadingList.objects.create(owner=ben, title="Adverts", is_public=True)
    ListReport.objects.create(reading_list=of_ben, reporter=reader, words="spam")

    exported = client.get("/me/export.json").json()
    assert {name: len(rows) for name, rows in exported.items()} == dict.fromkeys(
        ("saved", "read", "notes", "lists", "list_reports", "upvoted"), 1
    )
    assert exported["notes"][0]["text"] == "Good\nproof, 50%"
    assert exported["lists"][0]["papers"][0]["paper"] == reed.key
    bibtex = client.get("/me/export.bib").content.decode()
    assert bibtex.count("@misc{") == 3
    assert r"annote = {Good proof, 50{\%}}" in bibtex
    assert "Ben" not in bibtex
    ris = client.get("/me/export.ris").content.decode()
    assert ris.count("ER  - ") == 3
    assert "N1  - Good proof, 50%\r\n" in ris


def test_all_of_it_is_in_the_export_of_the_account_and_goes_with_it(
    client: Client, reader: User, ben: User
) -> None:
    fern = a_paper("On fern")
    Save.objects.add(reader, [fern])
    ReadMark.objects.add(reader, fern)
    Note.objects.write(reader, fern, "Good.")
    ReadingList.objects.create(owner=reader, title="Plants", is_public=True).add([fern])
    Save.objects.add(ben, [fern])

    exported = personal_data.export_account(reader)
    assert exported["saved"][0]["paper"] == exported["read"][0]["paper"] == fern.key
    assert exported["notes"][0]["text"] == "Good."
    assert exported["lists"][0]["papers"][0]["title"] == "On fern"

    personal_data.erase_account(reader)
    assert not (ReadMark.objects.exists() or Note.objects.exists() or ListItem.objects.exists())
    assert not ReadingList.objects.exists()
    assert Save.objects.get().reader == ben
