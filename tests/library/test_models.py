"""What readers keep: each thing once, and a merge of two papers loses none of it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from library.models import ListItem, Note, ReadingList, ReadMark, Save
from library.models import reading_list as reading_lists
from library.models.reading_list import FullList
from papers.models import Paper
from papers.models.merging import merge, unmerge
from tests.factories import a_paper

pytestmark = pytest.mark.django_db


def a_list(owner: User, *papers: Paper, title: str = "Moss", **fields: Any) -> ReadingList:
    made = ReadingList.objects.create(owner=owner, title=title, **fields)
    made.add(papers)
    return made


def order(kept: ReadingList) -> list[Paper]:
    return [item.paper for item in kept.items.order_by("position")]


def test_a_paper_is_saved_and_read_once(ada: User, ben: User) -> None:
    fern, moss = a_paper(), a_paper()

    Save.objects.add(ada, [fern, moss])
    Save.objects.add(ada, [moss])
    Save.objects.add(ben, [moss])
    ReadMark.objects.add(ada, moss)
    ReadMark.objects.add(ada, moss)

    assert [save.paper for save in Save.objects.of_reader(ada).order_by("-pk")] == [fern, moss]
    assert ReadMark.objects.count() == 1
    Save.objects.remove(ada, moss)
    Save.objects.remove(ada, moss)
    assert list(Save.objects.values_list("reader", "paper")) == [
        (ada.pk, fern.pk),
        (ben.pk, moss.pk),
    ]


def test_an_empty_note_is_no_note(ada: User) -> None:
    moss = a_paper()

    Note.objects.write(ada, moss, "Read the proof again.")
    Note.objects.write(ada, moss, "Read section 3 again.")
    assert Note.objects.get().text == "Read section 3 again."
    Note.objects.write(ada, moss, "")
    assert not Note.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(reader=ada, paper=moss, text="")


def test_a_list_is_private_and_keeps_its_order(ada: User, ben: User) -> None:
    fern, moss, reed = a_paper(), a_paper(), a_paper()
    kept = a_list(ada, fern, moss)

    assert kept.add([moss, reed]) == 1
    kept.move(reed, 1)
    assert order(kept) == [reed, fern, moss]
    kept.move(reed, 9)
    kept.remove(fern)
    kept.move(fern, 1)  # no longer in the list: nothing happens
    assert order(kept) == [moss, reed]

    assert not kept.is_public
    assert list(ReadingList.objects.readable_by(ada)) == [kept]
    assert not ReadingList.objects.readable_by(ben).exists()
    moss.hide("spam")
    assert ReadingList.objects.with_counts().get().paper_count == 1


def test_a_list_has_room_for_so_many_papers(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_lists, "MAX_ITEMS", 2)
    kept = a_list(ada, a_paper())

    with pytest.raises(FullList):
        kept.add([a_paper(), a_paper()])
    assert kept.items.count() == 1


def test_merging_two_papers_keeps_what_readers_kept_and_can_be_undone(ada: User, ben: User) -> None:
    stays, goes, other = a_paper(), a_paper(), a_paper()
    Save.objects.add(ada, [stays, goes])
    Save.objects.add(ben, [goes])
    ReadMark.objects.add(ben, goes)
    Note.objects.write(ben, goes, "Good.")
    Note.objects.write(ada, goes, "Odd.")
    Note.objects.write(ada, stays, "Long.")
    both, one = a_list(ada, goes, other, stays), a_list(ben, other, goes)

    record = merge(stays, goes)

    assert {(save.reader, save.paper) for save in Save.objects.all()} == {
        (ada, stays),
        (ben, stays),
    }
    assert ReadMark.objects.get().paper == stays
    assert stays.notes.get(reader=ben).text == "Good."
    assert stays.notes.get(reader=ada).text == "Long.\n\nOdd."
    assert (order(both), order(one)) == ([other, stays], [other, stays])

    unmerge(stays, record)
    goes = Paper.objects.get(key=goes.key)
    assert (order(both), order(one)) == ([goes, other, stays], [other, goes])
    assert Save.objects.filter(reader=ada).count() == 2
    assert {note.text for note in goes.notes.all()} == {"Good.", "Odd."}
    assert ListItem.objects.count() == 5


def test_what_is_kept_just_as_its_paper_is_merged_away_is_not_kept(ada: User) -> None:
    stays, goes = a_paper(), a_paper()
    gone = Paper.objects.get(pk=goes.pk)
    merge(stays, goes)

    Save.objects.add(ada, [gone])
    ReadMark.objects.add(ada, gone)
    assert a_list(ada).add([gone]) == 0
    with pytest.raises(Paper.DoesNotExist):
        Note.objects.write(ada, gone, "Good.")
    assert not Save.objects.exists()
