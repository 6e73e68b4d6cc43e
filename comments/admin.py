"""Comments for curators: those that wait, those that were reported; let through, or hide.

The open log says what they did, and why. Showing and hiding undo each other.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from accounts.admin_base import NO_REASON, ReadOnlyAdmin, label_column
from comments.models import Comment, CommentReport
from papers.admin.open_log import OpenLogMixin
from papers.models import CuratorAction

State, Verb = Comment.State, CuratorAction.Verb
MAX_WORDS_CHARS = 80  # in the list
OPEN = Q(reports__decided_at=None, reports__isnull=False)
OPEN_REPORTS = CommentReport.objects.open().filter(comment=OuterRef("pk"))


class TodoFilter(admin.SimpleListFilter):
    title = "what to decide"
    parameter_name = "todo"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [("held", "wait for a curator"), ("reported", "reported")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {"held": Q(state=State.HELD), "reported": Q(open_reports__gt=0)}
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Comment)
class CommentAdmin(OpenLogMixin, ReadOnlyAdmin):
    list_display = ["words", "about", "author", "created_at", "current_state", "reports_open"]
    list_filter = [TodoFilter, "state", "by_program"]
    search_fields = ["text", "author__email", "paper__key", "paper__title_text"]
    list_select_related = ["paper", "author"]
    readonly_fields = ["texts_before"]
    ordering = ["-pk"]
    actions = [
        "let_through",
        "hide_comments",
        "dismiss_reports",
        "mark_as_by_program",
        "unmark_as_by_program",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        comments = super().get_queryset(request).prefetch_related("edits")
        return comments.annotate(open_reports=Count("reports", filter=OPEN))

    @admin.display(description="comment")
    def words(self, comment: Comment) -> str:
        """What it says and, where it was edited, what it said before."""
        text = Truncator(comment.text).chars(MAX_WORDS_CHARS)
        if edits := list(comment.edits.all()):
            before = Truncator(edits[-1].text).chars(MAX_WORDS_CHARS)
            return format_html("{}<br>Before: {}", text, before)
        return text

    @admin.display(description="texts before, the newest first")
    def texts_before(self, comment: Comment) -> str:
        rows = ((edit, edit.text) for edit in comment.edits.reverse())
        return format_html_join("", "<p>{}:<br>{}</p>", rows) or "–"

    @admin.display(description="paper")
    def about(self, comment: Comment) -> str:
        title = Truncator(comment.paper.title_text).chars(40)
        return format_html('<a href="{}">{}</a>', comment.get_absolute_url(), title)

    @label_column("state", held="warning", visible="success", hidden="danger", deleted="info")
    def current_state(self, comment: Comment) -> str:
        return comment.state

    @admin.display(description="open reports", ordering="open_reports")
    def reports_open(self, comment: Any) -> str:
        """How many, and the words of the newest."""
        newest = comment.reports.filter(decided_at=None).last() if comment.open_reports else None
        return f"{comment.open_reports}: {newest}" if newest else ""

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.change_comment")

    @admin.action(description="Show to everybody", permissions=["decide"])
    def let_through(self, request: HttpRequest, comments: Any) -> None:
        shown = {"state": State.VISIBLE}
        with transaction.atomic():
            count = self._decide(request, comments, Q(state=State.HELD), Verb.LET_THROUGH, shown)
            count += self._decide(request, comments, Q(state=State.HIDDEN), Verb.SHOW, shown)
        self.report_success(request, "Shown", count)

    @admin.action(description="Hide", permissions=["decide"])
    def hide_comments(self, request: HttpRequest, comments: Any) -> None:
        if not (why := self.reason(request)):
            self.message_user(request, NO_REASON, messages.ERROR)
            return
        shown = Q(state__in=[State.HELD, State.VISIBLE])
        count = self._decide(request, comments, shown, Verb.HIDE, {"state": State.HIDDEN}, why)
        self.report_success(request, "Hidden", count)

    @admin.action(description="Dismiss their reports", permissions=["decide"])
    def dismiss_reports(self, request: HttpRequest, comments: Any) -> None:
        count = self._decide(request, comments, Exists(OPEN_REPORTS), Verb.DISMISS, {})
        self.report_success(request, "Report dismissed", count)

    @admin.action(description="Mark as by a program", permissions=["decide"])
    def mark_as_by_program(self, request: HttpRequest, comments: Any) -> None:
        by_program = {"by_program": True}
        count = self._decide(request, comments, Q(by_program=False), Verb.MARK, by_program)
        self.report_success(request, "Marked as by a program", count)

    @admin.action(description="Remove the mark “by a program”", permissions=["decide"])
    def unmark_as_by_program(self, request: HttpRequest, comments: Any) -> None:
        by_reader = {"by_program": False}
        count = self._decide(request, comments, Q(by_program=True), Verb.UNMARK, by_reader)
        self.report_success(request, "No longer marked as by a program", count)

    @transaction.atomic
    def _decide(
        self,
        request: HttpRequest,
        comments: Any,
        before: Any,
        verb: CuratorAction.Verb,
        change: dict[str, Any],
        why: str = "",
    ) -> int:
        """Change those of which `before` is true; how many they were.

        A decision on what a comment says closes its reports.
        """
        rows = self.change_openly(request, comments, before, verb, change, why)
        if verb not in {Verb.MARK, Verb.UNMARK}:
            open_reports = CommentReport.objects.open().filter(comment__in=rows)
            open_reports.update(decided_at=timezone.now())
        return len(rows)
