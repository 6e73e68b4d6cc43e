"""CuratorAction: the log of what curators did, by which an action can be undone.

The verbs of papers/curation write the rows that can be undone, papers/curation/log.py all others.
"""

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class CuratorActionQuerySet(models.QuerySet["CuratorAction"]):
    def public(self) -> "CuratorActionQuerySet":
        """What the open log shows."""
        actions = self.filter(is_public=True)
        return actions if settings.COMMENTS else actions.exclude(about=CuratorAction.About.COMMENT)

    def standing(self) -> "CuratorActionQuerySet":
        """Those that nobody has undone."""
        return self.filter(undone_at=None)

    def undoable(self) -> "CuratorActionQuerySet":
        """Those of papers/curation, which say what was before."""
        return self.filter(about__in=CuratorAction.UNDOABLE_SUBJECTS).exclude(
            verb__in=CuratorAction.NOT_UNDOABLE
        )

    def newest_first(self) -> "CuratorActionQuerySet":
        return self.order_by("-pk")

    def last_batch(self, curator: "User") -> uuid.UUID | None:
        """What this curator would undo next at the desk: of papers, and since they signed in."""
        own = self.standing().undoable().filter(curator=curator, about=CuratorAction.About.PAPER)
        if curator.last_login:
            own = own.filter(created_at__gte=curator.last_login)
        return own.newest_first().values_list("batch", flat=True).first()


class CuratorAction(models.Model):
    """One action on one row. An action on many rows has one `batch`, and is undone as a whole."""

    class Verb(models.TextChoices):
        LIST = "list", "listed"
        SCHEDULE = "schedule", "scheduled"
        QUEUE = "queue", "put into the queue"
        PICK = "pick", "made an editors’ pick"
        UNPICK = "unpick", "no longer an editors’ pick"
        ORDER = "order", "moved"
        TOPICS = "topics", "changed the topics of"
        HIDE = "hide", "hidden"
        SHOW = "show", "shown again"
        MERGE = "merge", "merged"
        ADD = "add", "added"
        CHANGE = "change", "changed"
        REMOVE = "remove", "removed"
        VOID = "void", "voided"
        ACCEPT = "accept", "accepted a report on"
        DISMISS = "dismiss", "dismissed a report on"
        DISABLE = "disable", "switched off"
        ENABLE = "enable", "switched on again"
        LET_THROUGH = "let_through", "let through"
        MARK = "mark", "marked as by a program"
        UNMARK = "unmark", "no longer marked as by a program"
        CLOSE = "close", "made private"
        REOPEN = "reopen", "allowed to be public again"

    class About(models.TextChoices):
        PAPER = "paper", "paper"
        TOPIC = "topic", "topic"
        VOTE = "vote", "vote"
        SOURCE = "source", "source"
        COMMENT = "comment", "comment"
        READING_LIST = "list", "list"

    UNDOABLE_SUBJECTS = (About.PAPER, About.VOTE)
    NOT_UNDOABLE = (Verb.ADD, Verb.CHANGE, Verb.REMOVE, Verb.ACCEPT, Verb.DISMISS)

    batch = models.UUIDField(default=uuid.uuid4, db_index=True)
    curator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="curator_actions"
    )
    verb = models.CharField(max_length=20, choices=Verb)
    about = models.CharField(max_length=10, choices=About, default=About.PAPER)
    # Kept as they were, for when the row is gone: the key and title of a paper (also where its
    # votes are meant), the slug and name of a topic, the name of a source, the address of a comment
    # and what it is on.
    about_key = models.CharField(max_length=500)
    about_name = models.TextField(blank=True)
    paper = models.ForeignKey(
        "papers.Paper", models.SET_NULL, null=True, blank=True, related_name="curator_actions"
    )
    details = models.CharField(max_length=500, blank=True)  # such as "for 2025-03-14, place 3"
    why = models.CharField(max_length=300, blank=True)
    is_public = models.BooleanField("public", default=True)
    # The values that the action changed, by field: to undo it, and to see that nobody has changed
    # them since.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CuratorActionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("curator"), F("id").desc(), name="actions_of_curator"),
            models.Index(F("id").desc(), condition=Q(is_public=True), name="public_actions"),
        ]

    @property
    def can_undo(self) -> bool:
        return (
            self.undone_at is None
            and self.about in self.UNDOABLE_SUBJECTS
            and self.verb not in self.NOT_UNDOABLE
        )

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.about_name or self.about_key}"
