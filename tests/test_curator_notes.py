"""Private notes of curators: written beside what they are about, and shown to nobody else."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import MAX_NOTE_CHARS, CuratorNote
from papers.models import CuratorAction, Paper, Source
from papers.models.merging import merge, unmerge
from subscriptions import personal_data
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import a_subscriber
from tests.test_permissions import client_of

pytestmark = pytest.mark.django_db
SECRET = "Retracted <elsewhere>, wait for the authors"
SHOWN = "Retracted &lt;elsewhere&gt;, wait for the authors"


def write(client: Client, row: Any, text: str = SECRET, **headers: str) -> Any:
    page = f"/admin/{row._meta.label_lower.replace('.', '/')}/{row.pk}/notes/"
    return client.post(page, {"text": text}, headers=headers)


@pytest.mark.slow
@pytest.mark.parametrize("role", ["superuser", "curator"])
def test_a_note_stands_beneath_the_form_of_what_it_is_about(role: str) -> None:
    client = client_of(role)
    source = Source.objects.create(name="Lab", url="https://lab.example/feed")
    rows = [a_paper(), source, a_user()] + ([a_subscriber()] if role == "superuser" else [])
    for row in rows:
        response = write(client, row)
        assert SHOWN in client.get(response.url).content.decode(), row
    assert CuratorNote.objects.count() == len(rows)
    listed = client.get("/admin/accounts/curatornote/").content.decode()
    assert listed.count(SHOWN) == len(rows)


def test_a_note_at_the_desk_is_shown_in_its_row() -> None:
    client, paper = client_of("curator"), a_paper(listed_on=None, listing_wanted=True)
    asked = client.get(f"/admin/papers/paper/{paper.pk}/notes/", headers={"HX-Request": "true"})
    assert b"<html" not in asked.content
    answer = write(client, paper, **{"HX-Request": "true"}).content.decode()
    assert f'id="notes-{paper.pk}"' in answer
    assert SHOWN in answer
    assert SHOWN in client.get("/admin/").content.decode()
    paper.refresh_from_db()
    assert paper.curation_version == 0


def test_a_note_that_cannot_be_kept_comes_back_with_its_words() -> None:
    client, paper = client_of("curator"), a_paper()
    for text in ("", "  ", "x" * (MAX_NOTE_CHARS + 1), "with \x00"):
        answer = write(client, paper, text)
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert text.strip("\x00 ") in answer.content.decode()
    assert not CuratorNote.objects.exists()


def test_a_note_is_in_no_log_and_on_no_page_of_readers() -> None:
    paper = a_paper()
    write(client_of("curator"), paper)
    assert not CuratorAction.objects.exists()
    assert not LogEntry.objects.exists()
    for page in (
        f"/papers/{paper.key}",
        f"/papers/{paper.key}.json",
        "/log",
        f"/api/papers/{paper.key}",
    ):
        assert "Retracted" not in Client().get(page).content.decode()


@pytest.mark.slow
def test_notes_about_subscribers_are_not_for_those_who_may_not_see_them() -> None:
    write(client_of("superuser"), a_subscriber())
    assert SHOWN in client_of("mail editor").get("/admin/accounts/curatornote/").content.decode()
    assert SHOWN not in client_of("curator").get("/admin/accounts/curatornote/").content.decode()


def test_a_merge_takes_notes_along_and_its_undo_brings_them_back() -> None:
    stays, goes = a_paper(), a_paper()
    note = CuratorNote.objects.create(about=goes, text=SECRET)
    key = goes.pk
    record = merge(stays, goes)
    assert stays.curator_notes.get() == note
    unmerge(stays, record)
    assert Paper.objects.get(pk=key).curator_notes.get() == note


def test_notes_end_with_the_person_and_stay_without_their_author() -> None:
    reader, author, subscriber = a_user(), a_user(), a_subscriber()
    for row in (reader, subscriber):
        CuratorNote.objects.create(about=row, author=author, text="Names others.")
    kept = CuratorNote.objects.create(about=a_paper(), author=reader, text=SECRET)
    assert SECRET in str(personal_data.export_account(reader)), "what they wrote"
    assert "Names others." not in str(personal_data.export_account(reader))
    assert "Names others." not in str(personal_data.export(subscriber.address))
    personal_data.erase_account(reader)
    personal_data.erase(subscriber.address)
    kept.refresh_from_db()
    assert list(CuratorNote.objects.all()) == [kept]
    assert kept.author is None
