"""Comments for curators: those that wait, those that were reported; let through, or hide."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from accounts.admin_base import ReadOnlyAdmin, label_column
from comments.models import Comment, CommentReport

State = Comment.State
OPEN = Q(reports__decided_at=None, reports__isnull=False)


class TodoFilter(admin.SimpleListFilter):
    title = "what to decide"
    parameter_name = "todo"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [("held", "wait for a curator"), ("reported", "reported")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {"held": Q(state=State.HELD), "reported": Q(open_reports__gt=0)}
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ["words", "about", "author", "created_at", "current_state", "reports_open"]
    list_filter = [TodoFilter, "state", "by_program"]
    search_fields = ["text", "author__email", "paper__key", "paper__title_text"]
    list_select_related = ["paper", "author"]
    ordering = ["-pk"]
    actions = ["let_through", "hide_comments", "dismiss_reports"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(open_reports=Count("reports", filter=OPEN))

    @admin.display(description="comment")
    def words(self, comment: Comment) -> str:
        return Truncator(comment.text).chars(80)

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
        self._decide(request, comments, [State.HELD, State.HIDDEN], State.VISIBLE, "Shown")

    @admin.action(description="Hide", permissions=["decide"])
    def hide_comments(self, request: HttpRequest, comments: Any) -> None:
        self._decide(request, comments, [State.HELD, State.VISIBLE], State.HIDDEN, "Hidden")

    @admin.action(description="Dismiss their reports", permissions=["decide"])
    def dismiss_reports(self, request: HttpRequest, comments: Any) -> None:
        every = list(State)
        self._decide(request, comments.filter(open_reports__gt=0), every, None, "Report dismissed")

    def _decide(
        self, request: HttpRequest, comments: Any, before: list[State], after: Any, summary: str
    ) -> None:
        """Set the state of those that are in one of `before`, and close their reports."""
        keys = [comment.pk for comment in comments]
        with transaction.atomic():
            chosen = Comment.objects.filter(pk__in=keys, state__in=before)
            rows = list(chosen.select_for_update())
            if after:
                Comment.objects.filter(pk__in=[row.pk for row in rows]).update(state=after)
            open_reports = CommentReport.objects.filter(comment__in=rows, decided_at=None)
            open_reports.update(decided_at=timezone.now())
            self.log_changes(request, rows, summary)
        self.report_success(request, summary, len(rows))
