"""Reports of readers: open ones in one list, which a curator accepts or dismisses."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from accounts.admin_base import ReadOnlyAdmin, label_column
from accounts.models import User
from papers.curation import log
from papers.models import CuratorAction, Report

MAX_TITLE_CHARS = 40  # in the list, whose rows are low on a phone
State, Verb = Report.State, CuratorAction.Verb


class StateFilter(admin.SimpleListFilter):
    """Open ones, unless another state is chosen."""

    title = "state"
    parameter_name = "state"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [*State.choices, ("all", "all")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value() or State.OPEN
        return queryset if value == "all" else queryset.filter(state=value)

    def choices(self, changelist: Any) -> Any:
        """Without Django's "All", which would be the open ones here."""
        choices = list(super().choices(changelist))[1:]
        choices[0]["selected"] = self.value() in {None, State.OPEN}
        return iter(choices)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """What follows from a report is done to the paper, at the desk or on its form."""

    list_display = ["reason", "words", "about", "reporter", "created_at", "decision", "decided_by"]
    list_filter = [StateFilter, "reason"]
    search_fields = ["paper__key", "paper__title_text", "words", "reporter__email"]
    list_select_related = ["paper", "reporter", "decided_by"]
    ordering = ["-pk"]
    actions = ["accept", "dismiss"]

    @admin.display(description="paper")
    def about(self, report: Report) -> str:
        address = reverse("admin:papers_paper_change", args=[report.paper_id])
        title = Truncator(report.paper.title_text).chars(MAX_TITLE_CHARS)
        return format_html('<a href="{}">{}</a>', address, title)

    @label_column("state", open="warning", accepted="success", dismissed="info")
    def decision(self, report: Report) -> str:
        return report.state

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("papers.change_report")

    @admin.action(description="Accept", permissions=["decide"])
    def accept(self, request: HttpRequest, reports: Any) -> None:
        self._decide(request, reports, State.ACCEPTED, Verb.ACCEPT)

    @admin.action(description="Dismiss", permissions=["decide"])
    def dismiss(self, request: HttpRequest, reports: Any) -> None:
        self._decide(request, reports, State.DISMISSED, Verb.DISMISS)

    def _decide(
        self, request: HttpRequest, reports: Any, state: Report.State, verb: CuratorAction.Verb
    ) -> None:
        """The open log says what was reported; not by whom, nor in which words."""
        assert isinstance(request.user, User)
        with transaction.atomic():
            rows = list(reports.open().select_related("paper").select_for_update(of=["self"]))
            Report.objects.filter(pk__in=[row.pk for row in rows]).decide(state, request.user)
            self.log_changes(request, rows, state.label.capitalize())
            for row in rows:
                details = row.get_reason_display().lower()
                log.write(verb, [row.paper], request.user, details=details)
        self.report_success(request, state.label.capitalize(), len(rows))
