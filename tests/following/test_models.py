"""What a reader follows and mutes: each thing once, one thing each, and gone with the reader."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from following.models import Follow, Mute, PrivateFeed
from following.models import follow as follows
from library.models import ReadingList
from subscriptions.personal_data import erase_account, export_account
from tests.factories import a_topic

pytestmark = pytest.mark.django_db


def test_a_thing_is_followed_once_however_it_is_spelled(ada: User, ben: User) -> None:
    topic = a_topic("vision")
    Follow.objects.add(ada, what="topic", topic=topic)
    Follow.objects.add(ada, what="topic", topic=topic)
    Follow.objects.add(ada, what="author", words="Jörg Ås")
    Follow.objects.add(ada, what="author", words="jorg as")
    Follow.objects.add(ada, what="search", words="graph  Networks")
    Follow.objects.add(ada, what="search", words="Graph networks")
    Follow.objects.add(ben, what="author", words="Jörg Ås")

    titles = [follow.title for follow in Follow.objects.of_reader(ada)]
    assert titles == ["“graph  Networks”", "Jörg Ås", "Vision"]

    first = Follow.objects.of_reader(ada)[0]
    Follow.objects.remove(ben, first.pk)  # not theirs
    assert Follow.objects.of_reader(ada).count() == 3
    for _ in range(2):
        Follow.objects.remove(ada, first.pk)
    assert [follow.what for follow in Follow.objects.of_reader(ada)] == ["author", "topic"]
    assert Follow.objects.of_reader(ben).count() == 1


def test_a_mute_is_kept_once_and_named_by_its_subject(ada: User) -> None:
    Mute.objects.add(ada, what="word", words="Survey")
    Mute.objects.add(ada, what="word", words="survey")
    Mute.objects.add(ada, what="author", words="Ben Marsh")
    Mute.objects.add(ada, what="topic", topic=a_topic("vision"))

    mutes = Mute.objects.of_reader(ada)
    assert [mute.title for mute in mutes] == ["Vision", "Ben Marsh", "“Survey”"]
    assert [mute.key for mute in mutes] == ["vision", "ben marsh", "survey"]


def test_the_database_refuses_a_follow_of_two_things_or_none(ada: User, ben: User) -> None:
    reading_list = ReadingList.objects.create(owner=ben, title="Moss")
    wrong: list[dict[str, Any]] = [
        {"what": "topic"},
        {"what": "author", "folded": ""},
        {"what": "author", "words": "Ada", "folded": "ada", "topic": a_topic("vision")},
        {"what": "list", "reading_list": reading_list, "followed": ben},
        {"what": "reader", "followed": ada},  # oneself
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(reader=ada, **fields)
    for fields in wrong[:3]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Mute.objects.create(reader=ada, **fields)

    Follow.objects.add(ada, what="list", reading_list=reading_list)
    Follow.objects.add(ada, what="reader", followed=ben)
    ben.delete()
    assert not Follow.objects.exists()


def test_a_reader_follows_a_limited_number_and_fewer_searches(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follows, "MAX_FOLLOWS", 3)
    monkeypatch.setattr(follows, "MAX_SEARCHES", 1)
    Follow.objects.add(ada, what="search", words="graphs")
    assert not Follow.objects.has_room(ada, "search")
    assert Follow.objects.has_room(ada, "author")
    for name in ("Ben Marsh", "Cy Reed"):
        Follow.objects.add(ada, what="author", words=name)
    assert not Follow.objects.has_room(ada, "author")


def test_all_of_it_is_in_the_export_and_gone_with_the_account(ada: User, ben: User) -> None:
    Follow.objects.add(ada, what="author", words="Cy Reed")
    Follow.objects.add(ada, what="topic", topic=a_topic("vision"))
    Mute.objects.add(ada, what="word", words="Survey")
    Follow.objects.add(ben, what="reader", followed=ada)
    PrivateFeed.objects.renew(ada, "followed")

    data = export_account(ada)

    assert [follow["name"] for follow in data["follows"]] == ["vision", "Cy Reed"]
    assert [mute["name"] for mute in data["mutes"]] == ["Survey"]
    assert [feed["kind"] for feed in data["private_feeds"]] == ["followed"]
    assert PrivateFeed.objects.get().token not in str(data)
    assert export_account(ben)["mutes"] == []

    erase_account(ada)
    for model in (Follow, Mute, PrivateFeed):
        assert not model.objects.exists()


def test_a_renewed_private_feed_has_another_address(ada: User) -> None:
    PrivateFeed.objects.renew(ada, "followed")
    old = PrivateFeed.objects.get().token
    PrivateFeed.objects.renew(ada, "followed")

    assert PrivateFeed.objects.get().token != old
    PrivateFeed.objects.revoke(ada, "followed")
    PrivateFeed.objects.revoke(ada, "followed")
    assert not PrivateFeed.objects.exists()
