"""The forms with which readers name what they follow or mute, typed or by a button of a page."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import User
from following.models import Follow, Mute
from following.models.follow import MAX_FOLLOWS, MAX_SEARCHES
from following.models.mute import MAX_MUTES
from following.models.subject import MAX_WORDS_CHARS, fold_words
from library.models import ReadingList
from papers.models import Topic
from papers.search_query import parse
from papers.sources import clean
from papers.web.submit_forms import text_field

MIN_MUTED_CHARS = 2  # one letter stands in most abstracts


class SubjectForm(forms.Form):
    """`what` is a kind, `name` a topic's slug or name, a list's address, a handle, or words.

    When it is valid, `subject` are the columns of a Follow or a Mute.
    """

    what = forms.ChoiceField(label="What", error_messages={"required": "Choose what it is."})
    name = text_field("Name or words", MAX_WORDS_CHARS, forms.TextInput({"autocomplete": "off"}))

    def __init__(self, reader: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reader = reader
        self.subject: dict[str, Any] = {}

    def clean_name(self) -> str:
        if not (name := clean.line(self.cleaned_data["name"])):
            raise forms.ValidationError("Type a name or words.")
        return name

    def clean(self) -> None:
        what, name = self.cleaned_data.get("what"), self.cleaned_data.get("name")
        if what and name:
            try:
                self.subject = {"what": what, **self._columns(what, name)}
            except forms.ValidationError as error:
                self.add_error("name", error)

    def _columns(self, what: str, name: str) -> dict[str, Any]:
        """Raises ValidationError where there is nothing of that name."""
        if what == Follow.What.TOPIC:
            return {"topic": _topic(name)}
        if not 0 < len(fold_words(what, name)) <= MAX_WORDS_CHARS:
            raise forms.ValidationError("Type a name or words with letters or digits.")
        return {"words": name}


class FollowForm(SubjectForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"prefix": None, "auto_id": "follow-%s", **options})
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("author", "Author"),
            ("topic", "Topic"),
            ("search", "Search"),
            ("institution", "Institution"),
            ("list", "List of a reader"),
            ("reader", "Reader"),
        ]

    def _columns(self, what: str, name: str) -> dict[str, Any]:
        match what:
            case Follow.What.LIST:
                return {"reading_list": _reading_list(name, self.reader)}
            case Follow.What.READER:
                return {"followed": _reader(name, self.reader)}
            case Follow.What.SEARCH if parse(name).is_empty:
                raise forms.ValidationError("There is nothing to search for in this.")
        return super()._columns(what, name)

    def has_room(self) -> bool:
        """Whether the reader may follow one more; if not, the form says so."""
        if Follow.objects.has_room(self.reader, self.subject["what"]):
            return True
        self.add_error(
            None,
            f"You can follow {MAX_FOLLOWS} things, {MAX_SEARCHES} of them searches. "
            "Remove one before you add another.",
        )
        return False


class MuteForm(SubjectForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "mute-%s", **options})
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("word", "Word"),
            ("author", "Author"),
            ("topic", "Topic"),
        ]

    def _columns(self, what: str, name: str) -> dict[str, Any]:
        is_word = what == Mute.What.WORD
        if is_word and len(fold_words(what, name)) < MIN_MUTED_CHARS:
            raise forms.ValidationError("Type a word of two letters or more.")
        return super()._columns(what, name)

    def has_room(self) -> bool:
        """Whether the reader may mute one more; if not, the form says so."""
        if Mute.objects.has_room(self.reader):
            return True
        self.add_error(None, f"You can mute {MAX_MUTES} things. Remove one before you add another.")
        return False


def _topic(name: str) -> Topic:
    topic = Topic.objects.filter(Q(slug=name) | Q(name__iexact=name)).first()
    if topic is None:
        raise forms.ValidationError(f"There is no topic “{name}” here.")
    return topic


def _reading_list(name: str, reader: User) -> ReadingList:
    """By its key or its address."""
    key = name.rstrip("/").rpartition("/")[2]
    reading_list = ReadingList.objects.readable_by(reader).filter(key=key).first()
    if reading_list is None:
        raise forms.ValidationError("There is no public list at this address.")
    return reading_list


def _reader(name: str, reader: User) -> User:
    """By handle, or by the address of the reader's page."""
    handle = name.rstrip("/").rpartition("/")[2].removeprefix("@").lower()
    followed = User.objects.filter(handle=handle, is_active=True).exclude(pk=reader.pk).first()
    if followed is None:
        raise forms.ValidationError(f"There is no other reader with the handle “{handle}”.")
    return followed
