"""Readers' lists for curators: what was reported; make private, with a reason, or dismiss that.

Only lists that are public, or that a curator made private: readers' private lists are their own.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin_base import NO_REASON, ReadOnlyAdmin
from library.models import ListReport, ReadingList
from papers.admin.open_log import OpenLogMixin
from papers.models import CuratorAction

Verb = CuratorAction.Verb
OPEN = Q(reports__decided_at=None, reports__isnull=False)
OPEN_REPORTS = ListReport.objects.open().filter(reading_list=OuterRef("pk"))


class TodoFilter(admin.SimpleListFilter):
    title = "what to decide"
    parameter_name = "todo"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [("reported", "reported"), ("closed", "made private by a curator")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = {"reported": Q(open_reports__gt=0), "closed": Q(is_public=False)}
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(ReadingList)
class ReadingListAdmin(OpenLogMixin, ReadOnlyAdmin):
    list_display = ["shown_title", "owner", "is_public", "closed_why", "reports_open"]
    list_filter = [TodoFilter]
    search_fields = ["key", "owner__email"]
    list_select_related = ["owner"]
    fields = ["key", "shown_title", "owner", "is_public", "closed_why", "created_at"]
    readonly_fields = ["shown_title"]
    ordering = ["-pk"]
    actions = ["close", "reopen", "dismiss_reports"]

    def get_queryset(self, request: HttpRequest) -> Any:
        lists = super().get_queryset(request).filter(Q(is_public=True) | ~Q(closed_why=""))
        reports = Prefetch("reports", ListReport.objects.open().order_by("pk"), "reports_to_decide")
        return lists.annotate(open_reports=Count("reports", filter=OPEN)).prefetch_related(reports)

    @admin.display(description="list")
    def shown_title(self, reading_list: ReadingList) -> str:
        """Its key where it is private: its owner may have given it another title since."""
        if not reading_list.is_public:
            return reading_list.key
        address, title = reading_list.get_absolute_url(), reading_list.title
        return format_html('<a href="{}">{}</a>', address, title)

    @admin.display(description="open reports", ordering="open_reports")
    def reports_open(self, reading_list: Any) -> str:
        """How many, and the words of the newest."""
        reports = reading_list.reports_to_decide
        return f"{len(reports)}: {reports[-1]}" if reports else ""

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("library.change_readinglist")

    @admin.action(description="Make private", permissions=["decide"])
    def close(self, request: HttpRequest, lists: Any) -> None:
        if not (why := self.reason(request)):
            self.message_user(request, NO_REASON, messages.ERROR)
            return
        closed = {"is_public": False, "closed_why": why}
        self._decide(request, lists, Q(is_public=True), Verb.CLOSE, closed, why)

    @admin.action(description="Let it be public again", permissions=["decide"])
    def reopen(self, request: HttpRequest, lists: Any) -> None:
        """It stays private until its owner makes it public: there may be private words in it."""
        self._decide(request, lists, ~Q(closed_why=""), Verb.REOPEN, {"closed_why": ""})

    @admin.action(description="Dismiss their reports", permissions=["decide"])
    def dismiss_reports(self, request: HttpRequest, lists: Any) -> None:
        self._decide(request, lists, Exists(OPEN_REPORTS), Verb.DISMISS, {})

    @transaction.atomic
    def _decide(
        self,
        request: HttpRequest,
        lists: Any,
        before: Any,
        verb: CuratorAction.Verb,
        change: dict[str, Any],
        why: str = "",
    ) -> None:
        """Change those of which `before` is true, and close their reports."""
        rows = self.change_openly(request, lists, before, verb, change, why)
        ListReport.objects.open().filter(reading_list__in=rows).update(decided_at=timezone.now())
        self.report_success(request, verb.label.capitalize(), len(rows))
