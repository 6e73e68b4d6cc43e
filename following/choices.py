"""What the reader of a page follows and mutes, read once for all buttons and rows of the page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import BigAutoField, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts.models import User
from following.models import Follow, Mute
from following.models.subject import Subject, fold_words
from library.models import ReadingList
from papers.models import Topic


@dataclass
class Choices:
    follows: list[Follow] = field(default_factory=list)
    mutes: list[Mute] = field(default_factory=list)

    def follow_of(self, what: str, name: str) -> int | None:
        """The primary key of the reader's follow of this, if there is one."""
        return _key_of(self.follows, what, name)

    def mute_of(self, what: str, name: str) -> int | None:
        return _key_of(self.mutes, what, name)


def choices_of(request: HttpRequest) -> Choices:
    """In one query for both, as a page has few; none for who is anonymous."""
    if not hasattr(request, "following_choices"):
        request.following_choices = _read(request.user)  # type: ignore[attr-defined]
    choices: Choices = request.following_choices  # type: ignore[attr-defined]
    return choices


def _key_of(chosen: Iterable[Subject], what: str, name: str) -> int | None:
    keys = {name, fold_words(what, name)}
    return next((one.pk for one in chosen if one.what == what and one.key in keys), None)


def _read(reader: User | AnonymousUser) -> Choices:
    choices = Choices()
    if not reader.is_authenticated:
        return choices
    follows = Follow.objects.filter(reader=reader).values_list(
        Value("follow"),
        *COLUMNS,
        "reading_list",
        "followed",
        Coalesce("topic__slug", "reading_list__key", "followed__handle", Value("")),
        Coalesce("topic__name", "reading_list__title", "followed__name", Value("")),
    )
    none = Value(None, BigAutoField())
    slug, title = Coalesce("topic__slug", Value("")), Coalesce("topic__name", Value(""))
    mutes = Mute.objects.filter(reader=reader).values_list(
        Value("mute"), *COLUMNS, none, none, slug, title
    )
    for row in map(Row._make, follows.union(mutes, all=True)):
        if row.table == "follow":
            choices.follows.append(_follow(row))
        else:
            choices.mutes.append(_mute(row))
    return choices


COLUMNS = ("pk", "what", "words", "folded", "topic")


class Row(NamedTuple):
    """Of a follow or a mute; `key` and `title` are those of its topic, list or reader."""

    table: str
    pk: int
    what: str
    words: str
    folded: str
    topic: int | None
    reading_list: int | None
    followed: int | None
    key: str
    title: str


def _follow(row: Row) -> Follow:
    """With its topic, list or reader, of which only key and title are filled."""
    follow = Follow(pk=row.pk, what=row.what, words=row.words, folded=row.folded)
    if row.topic:
        follow.topic = Topic(pk=row.topic, slug=row.key, name=row.title)
    if row.reading_list:
        # Shown with papers of the list, which are those of public lists alone.
        listed = {"key": row.key, "title": row.title, "is_public": True}
        follow.reading_list = ReadingList(pk=row.reading_list, **listed)
    if row.followed:
        follow.followed = User(pk=row.followed, handle=row.key, name=row.title)
    return follow


def _mute(row: Row) -> Mute:
    mute = Mute(pk=row.pk, what=row.what, words=row.words, folded=row.folded)
    if row.topic:
        mute.topic = Topic(pk=row.topic, slug=row.key, name=row.title)
    return mute
