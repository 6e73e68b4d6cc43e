"""Comment: what a reader says under a paper; with its edits, upvotes and reports.

`papers_paper.comment_count` follows the visible comments by a trigger of the first migration.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from comments import markdown
from papers.models import CuratorAction, Paper
from papers.models.report import ReaderReportQuerySet

MAX_TEXT_CHARS = 10_000
EDITABLE_FOR = timedelta(minutes=15)
MAX_COMMENTS_AN_HOUR = 20  # of one reader
BEST_FIRST = ("-votes", "created_at", "pk")


def shown_to(reader: Any) -> Q:
    """Visible comments; held ones are for their authors and those who decide on them."""
    visible, held = Q(state=Comment.State.VISIBLE), Q(state=Comment.State.HELD)
    if not isinstance(reader, User):
        return visible
    if reader.is_staff and reader.has_perm("comments.change_comment"):
        return visible | held
    return visible | held & Q(author=reader)


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible(self) -> "CommentQuerySet":
        """Those that everybody reads, under papers that everybody sees."""
        return self.filter(state=Comment.State.VISIBLE, paper__in=Paper.objects.visible())

    def threads_under(self, paper: Paper, reader: Any) -> "models.QuerySet[Comment, int]":
        """Primary keys of first comments, the best first, of threads that `reader` sees.

        Of a first comment that is not shown the place is kept as long as somebody has replied.
        """
        replies = Comment.objects.filter(shown_to(reader), parent=OuterRef("pk"))
        firsts = self.filter(shown_to(reader) | Exists(replies), paper=paper, parent=None)
        return firsts.with_votes(reader).order_by(*BEST_FIRST).values_list("pk", flat=True)

    def for_discussion(
        self, firsts: "models.QuerySet[Comment, int]", reader: Any
    ) -> "CommentQuerySet":
        """First comments with these primary keys, and the replies to them that `reader` sees.

        With author, `votes`, `upvoted`, and `is_readable`: whether `reader` reads the text.
        """
        replies = Q(parent__in=firsts) & shown_to(reader)
        readable: Any = ExpressionWrapper(shown_to(reader), models.BooleanField())
        shown = {"is_readable": readable}
        comments = self.filter(Q(pk__in=firsts) | replies).select_related("author")
        return comments.with_votes(reader).annotate(**shown)

    def with_votes(self, reader: Any) -> "CommentQuerySet":
        own = CommentVote.objects.filter(comment=OuterRef("pk"), user_id=reader.pk)
        shown: dict[str, Any] = {"votes": Count("vote_set"), "upvoted": Exists(own)}
        return self.annotate(**shown)

    def newest_first(self) -> "CommentQuerySet":
        return self.select_related("author", "paper", "parent").order_by("-created_at", "-pk")

    def is_limit_reached(self, author: User, now: datetime) -> bool:
        recent = self.filter(author=author, created_at__gt=now - timedelta(hours=1))
        return recent.count() >= MAX_COMMENTS_AN_HOUR


class Comment(models.Model):
    class State(models.TextChoices):
        VISIBLE = "visible", "visible"
        HELD = "held", "waits for a curator"
        HIDDEN = "hidden", "hidden by a curator"
        DELETED = "deleted", "deleted by its author"

    paper = models.ForeignKey("papers.Paper", models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="comments",
        help_text="Empty once the account is deleted.",
    )
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        related_name="replies",
        help_text="The comment that this one replies to; a reply has no replies.",
    )
    text = models.TextField("text, as Markdown", max_length=MAX_TEXT_CHARS, blank=True)
    by_program = models.BooleanField("written by a program", default=False)
    state = models.CharField(max_length=10, choices=State, default=State.VISIBLE)
    created_at = models.DateTimeField("when", default=timezone.now)
    edited_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="deleted") | ~Q(text=""), name="comment_has_text_or_is_deleted"
            )
        ]
        indexes = [
            models.Index(fields=["paper", "created_at"], name="comments_of_paper"),
            models.Index(fields=["-created_at"], name="newest_comments"),
        ]

    # What queries and views set for the templates.
    votes: int
    upvoted: bool
    is_readable: bool
    thread: "list[Comment]"
    may_edit: bool

    def __str__(self) -> str:
        """Without its words: the admin keeps this in its log, also when the words are deleted."""
        return f"comment {self.pk}"

    def get_absolute_url(self) -> str:
        """Leads to the page of the discussion that it is on, wherever votes have moved it."""
        return reverse("comments:comment", args=[self.pk])

    @property
    def log_url(self) -> str:
        """Of what curators did to the comments on its paper."""
        return reverse("papers:log", query={"about": "comment", "paper": self.paper.key})

    def log_subject(self) -> dict[str, Any]:
        """How the open log names it: never by its words or its author."""
        return {
            "about": CuratorAction.About.COMMENT,
            "about_key": self.get_absolute_url(),
            "about_name": f"a comment on {self.paper.title_text}",
            "paper": self.paper,
        }

    @property
    def html(self) -> SafeString:
        return mark_safe(markdown.html(self.text))  # noqa: S308  it escapes all that is no markup

    @property
    def plain_text(self) -> str:
        return markdown.plain(self.text)

    @property
    def author_name(self) -> str:
        if self.author is None or self.state == self.State.DELETED:
            return "deleted"
        return self.author.name or "a reader"

    @property
    def is_shown(self) -> bool:
        return self.state in {self.State.VISIBLE, self.State.HELD}

    def is_editable(self, reader: Any, now: datetime) -> bool:
        is_own = self.author_id is not None and self.author_id == reader.pk
        return is_own and self.is_shown and now - self.created_at < EDITABLE_FOR

    @transaction.atomic
    def delete_text(self) -> None:
        """Delete what was said, its edits included; the comment's place stays for its replies."""
        Comment.objects.select_for_update().get(pk=self.pk)  # an edit under way ends before
        self.edits.all().delete()
        self.reports.filter(decided_at=None).update(decided_at=timezone.now())
        Comment.objects.filter(pk=self.pk).update(text="", state=self.State.DELETED)


class CommentEdit(models.Model):
    """A text of a comment that its author has replaced."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="edits")
    text = models.TextField()
    until = models.DateTimeField(help_text="When it was replaced.")

    class Meta:
        ordering = ["until", "pk"]

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d %H:%M}"


class CommentVote(models.Model):
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="vote_set")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_votes")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "comment"], name="one_vote_on_a_comment")
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.comment_id}"


class CommentReport(models.Model):
    """A reader says that a comment should not stand here; a curator hides it or dismisses that."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_reports"
    )
    words = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField("when", default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ReaderReportQuerySet["CommentReport"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "comment"],
                condition=Q(decided_at=None),
                name="one_open_report_on_a_comment",
            )
        ]

    def __str__(self) -> str:
        return self.words or "reported"
