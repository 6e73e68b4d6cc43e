"""ReadingList: papers that a reader collected under a title, in an order; private by default."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone

from library.models.lock import lock_papers
from papers.identifiers import random_key
from papers.models import CuratorAction, Paper

MAX_TITLE_CHARS = 120
MAX_DESCRIPTION_CHARS = 1_000
MAX_LISTS = 200  # of one reader
MAX_ITEMS = 2_000  # of one list
MAX_REASON_CHARS = 200


PUBLIC = Q(is_public=True, owner__is_active=True)


class FullList(ValueError):
    """The list has no room for these papers."""


class ClosedList(ValueError):
    """A curator has made the list private, so it cannot be public."""


class ReadingListQuerySet(models.QuerySet["ReadingList"]):
    def of_reader(self, reader: Any) -> "ReadingListQuerySet":
        """Of this reader, who may be anonymous: then none. By title."""
        own = self.filter(owner=reader) if reader.is_authenticated else self.none()
        return own.order_by("title", "pk")

    def public(self) -> "ReadingListQuerySet":
        """What everybody may read."""
        return self.filter(PUBLIC)

    def readable_by(self, reader: Any) -> "ReadingListQuerySet":
        """The public ones, and this reader's own."""
        return self.filter(PUBLIC | Q(owner=reader) if reader.is_authenticated else PUBLIC)

    def with_counts(self) -> "ReadingListQuerySet":
        """With `paper_count`, of the papers that the public may read."""
        visible = Q(items__paper__in=Paper.objects.visible())
        counts: dict[str, Any] = {"paper_count": Count("items", filter=visible)}
        return self.annotate(**counts)


class ReadingList(models.Model):
    key = models.CharField(max_length=20, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reading_lists"
    )
    title = models.CharField(max_length=MAX_TITLE_CHARS)
    description = models.TextField(max_length=MAX_DESCRIPTION_CHARS, blank=True)
    is_public = models.BooleanField("everybody may read it", default=False)
    closed_why = models.CharField(
        "made private by a curator, because",
        max_length=MAX_REASON_CHARS,
        blank=True,
        default="",
        db_default="",
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ReadingListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="list_has_a_title"),
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(closed_why=""), name="closed_list_is_private"
            ),
        ]

    paper_count: int  # set by with_counts

    def __str__(self) -> str:
        return self.title

    def save(self, **options: Any) -> None:
        self.key = self.key or random_key("l")
        super().save(**options)

    def get_absolute_url(self) -> str:
        return reverse("library:list", args=[self.key])

    def visible_items(self) -> models.QuerySet["ListItem"]:
        """Those whose papers the public may read, in order."""
        return self.items.filter(paper__in=Paper.objects.visible()).order_by("position")

    def visible_papers(self) -> list[Paper]:
        """Their papers, in order."""
        keys = list(self.visible_items().values_list("paper", flat=True))
        papers = Paper.objects.in_bulk(keys)
        return [papers[key] for key in keys]

    def log_subject(self) -> dict[str, Any]:
        """How the open log names it: never by its title or its owner, as it may be private."""
        about = CuratorAction.About.READING_LIST
        return {"about": about, "about_key": self.key, "about_name": f"the list {self.key}"}

    def change(self, title: str, description: str, is_public: bool) -> None:
        """Raises ClosedList."""
        if is_public and self.closed_why:
            raise ClosedList
        self.title, self.description, self.is_public = title, description, is_public
        self.changed_at = timezone.now()
        self.save(update_fields=["title", "description", "is_public", "changed_at"])

    @transaction.atomic
    def add(self, papers: Iterable[Paper]) -> int:
        """Put these papers at the end; how many of them were not in the list.

        Raises FullList where there is no room for all.
        """
        self._lock()
        held = set(self.items.values_list("paper_id", flat=True))
        new = [key for key in lock_papers(papers) if key not in held]
        if len(held) + len(new) > MAX_ITEMS:
            raise FullList
        last = self.items.aggregate(last=Max("position"))["last"] or 0
        ListItem.objects.bulk_create(
            ListItem(reading_list=self, paper_id=key, position=position)
            for position, key in enumerate(new, last + 1)
        )
        if new:
            self._note_change()
        return len(new)

    def remove(self, paper: Paper) -> None:
        """Again changes nothing."""
        if self.items.filter(paper=paper).delete()[0]:
            self._note_change()

    @transaction.atomic
    def move(self, paper: Paper, place: int) -> None:
        """Put this paper at a place among those shown, 1 for the first; else at the end."""
        self._lock()
        items = list(self.items.order_by("position"))
        item = next((item for item in items if item.paper_id == paper.pk), None)
        if item is None:
            return
        items.remove(item)
        followers = [shown for shown in self.visible_items() if shown != item][place - 1 :]
        items.insert(items.index(followers[0]) if followers else len(items), item)
        for position, moved in enumerate(items, 1):
            moved.position = position
        ListItem.objects.bulk_update(items, ["position"])
        self._note_change()

    def _lock(self) -> None:
        """Until the transaction ends, as each item's place depends on the others."""
        ReadingList.objects.select_for_update(no_key=True).only("pk").get(pk=self.pk)

    def _note_change(self) -> None:
        self.changed_at = timezone.now()
        self.save(update_fields=["changed_at"])


class ListItem(models.Model):
    """A paper in a list. Places may have gaps; they are sorted by."""

    reading_list = models.ForeignKey(ReadingList, models.CASCADE, related_name="items")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="list_items")
    position = models.PositiveIntegerField()
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading_list", "paper"], name="one_item_per_paper"),
            models.UniqueConstraint(  # deferrable, as a move gives many items other places
                fields=["reading_list", "position"],
                name="one_item_per_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper} in {self.reading_list}"
