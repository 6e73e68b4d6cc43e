"""Follow: a reader wants to see the new papers of a topic, an author, a search, and so on."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from following.models.subject import Subject, SubjectQuerySet
from library.models import ReadingList

if TYPE_CHECKING:
    from accounts.models import User

MAX_FOLLOWS = 200  # of one reader
MAX_SEARCHES = 20  # of them, as each takes a search of its own
UNSHOWN_LIST = "A list that is no longer public"


class FollowQuerySet(SubjectQuerySet):
    def of_reader(self, reader: Any) -> "FollowQuerySet":
        """With what their names show, in the same query."""
        return super().of_reader(reader).select_related("topic", "reading_list", "followed")

    def has_room(self, reader: "User", what: str) -> bool:
        """Whether the reader may follow one more of this kind."""
        kinds = list(self.filter(reader=reader).values_list("what", flat=True))
        searches = kinds.count(Follow.What.SEARCH)
        is_full = what == Follow.What.SEARCH and searches >= MAX_SEARCHES
        return len(kinds) < MAX_FOLLOWS and not is_full


class Follow(Subject):
    class What(models.TextChoices):
        TOPIC = "topic", "topic"
        AUTHOR = "author", "author"
        SEARCH = "search", "search"
        INSTITUTION = "institution", "institution"
        LIST = "list", "list"
        READER = "reader", "reader"

    what = models.CharField(max_length=12, choices=What)
    reading_list = models.ForeignKey(
        ReadingList, models.CASCADE, null=True, related_name="followers"
    )
    followed = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="followers"
    )

    objects = FollowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "what", "topic", "reading_list", "followed", "folded"],
                name="one_follow_of_each",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(
                    what="topic", topic__isnull=False, reading_list=None, followed=None, words=""
                )
                | Q(
                    Q(what__in=["author", "search", "institution"]) & ~Q(folded=""),
                    topic=None,
                    reading_list=None,
                    followed=None,
                )
                | Q(what="list", reading_list__isnull=False, topic=None, followed=None, words="")
                | Q(what="reader", followed__isnull=False, topic=None, reading_list=None, words=""),
                name="follow_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(followed=F("reader")), name="no_follow_of_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.reader} follows {self.title}"

    @property
    def title(self) -> str:
        """What pages call it. An address is never shown: a reader without a name has a handle."""
        match self.what:
            case self.What.TOPIC if self.topic:
                return self.topic.name
            case self.What.LIST if self.reading_list:
                return self.reading_list.title if self._shows_list else UNSHOWN_LIST
            case self.What.READER if self.followed:
                return self.followed.name or self.followed.handle or "a reader"
            case self.What.SEARCH:
                return f"“{self.words}”"
        return self.words

    @property
    def reason(self) -> str:
        """Why a paper is shown: `You follow Ada Lovelace`."""
        if self.what == self.What.LIST:
            return f"In the list {self.title}, which you follow"
        return f"You follow {self.title}"

    @property
    def url(self) -> str:
        """The page that shows it; empty where none does."""
        match self.what:
            case self.What.TOPIC if self.topic:
                return self.topic.get_absolute_url()
            case self.What.LIST if self.reading_list and self._shows_list:
                return self.reading_list.get_absolute_url()
            case self.What.AUTHOR:
                return f"{reverse('papers:author')}?{urlencode({'name': self.words})}"
            case self.What.SEARCH:
                return f"{reverse('papers:search')}?{urlencode({'q': self.words})}"
        return ""

    @property
    def _shows_list(self) -> bool:
        """Whether the reader may still read the list: its owner may have made it private."""
        chosen = self.reading_list
        return chosen is not None and (chosen.is_public or chosen.owner_id == self.reader_id)

    @property
    def key(self) -> str:
        """Also the key of its list, or the handle of its reader."""
        if self.reading_list:
            return self.reading_list.key
        return (self.followed.handle or "") if self.followed else super().key
