"""Sources, their polls and backfills in the admin."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from kombu.exceptions import OperationalError
from unfold.admin import TabularInline

from accounts.admin_base import (
    NO_REASON,
    BaseAdmin,
    CountedDeletionMixin,
    ReadOnlyAdmin,
    dialog_button,
    label_column,
)
from accounts.curator_notes import CuratorNotesMixin
from papers.admin.open_log import OpenLogMixin
from papers.models import Backfill, CuratorAction, Poll, Source
from papers.tasks import poll_source

POLL_COLUMNS = ["started_at", "status", "entries", "new", "updated", "rejected", "error", "note"]


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [("ok", "ok"), ("failing", "failing"), ("due", "due"), ("disabled", "disabled")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "ok":
                return queryset.enabled().filter(failures=0)
            case "failing":
                return queryset.enabled().filter(failures__gt=0)
            case "due":
                return queryset.due(timezone.now())
            case "disabled":
                return queryset.exclude(disabled_at=None)
        return queryset


class PollInline(TabularInline):
    model = Poll
    verbose_name_plural = "last polls"
    fields = readonly_fields = POLL_COLUMNS
    per_page = 10
    extra = 0
    can_delete = False

    def has_add_permission(self, *args: object) -> bool:
        return False

    def has_change_permission(self, *args: object) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(OpenLogMixin, CountedDeletionMixin, CuratorNotesMixin):
    list_display = [
        *("name", "state", "failing_since", "last_error", "last_success_at", "next_poll_at"),
        "listing",
    ]
    list_filter = [StateFilter, "kind", "listing"]
    search_fields = ["name", "url", "query"]
    actions = ["poll_now", "disable"]
    actions_detail = ["poll_this"]
    autocomplete_fields = ["topics"]
    inlines = [PollInline]
    readonly_fields = [
        *("state", "failures", "failing_since", "last_error", "last_success_at", "next_poll_at"),
        *("attempts", "disabled_at", "disabled_why"),
    ]
    fieldsets = [
        (None, {"fields": ["name", "kind", "url", "query", "listing", "topics"]}),
        (
            "How it is doing",
            {
                "fields": [
                    *(("state", "failures", "failing_since"), "last_error"),
                    *(("last_success_at", "next_poll_at", "attempts"),),
                    ("disabled_at", "disabled_why"),
                ]
            },
        ),
    ]

    @label_column("state", ok="success", failing="danger", disabled="warning", due="info")
    def state(self, source: Source) -> str:
        if source.disabled_at:
            return "disabled"
        if source.failures:
            return "failing"
        return "due" if source.next_poll_at <= timezone.now() else "ok"

    @admin.display(description="failing since", empty_value="")
    def failing_since(self, source: Source) -> datetime | str | None:
        return (source.last_success_at or "the beginning") if source.failures else None

    def save_model(self, request: HttpRequest, obj: Source, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        self.save_changed_fields(obj, form)
        if {"url", "query"}.intersection(form.changed_data):
            obj.etag = obj.last_modified = ""  # they belong to the old address
            obj.save(update_fields=["etag", "last_modified"])

    @admin.action(description="Poll now (enables, too)", permissions=["change"])
    def poll_now(self, request: HttpRequest, sources: Any) -> None:
        sources = list(sources)
        disabled = [source for source in sources if source.disabled_at]
        with transaction.atomic():
            self.log_openly(request, CuratorAction.Verb.ENABLE, disabled)
            self.apply_to_rows(request, sources, "To be polled now", Source.poll_now)
        try:
            for source in sources:
                poll_source.delay(source.pk)
        except OperationalError:  # the rows are due: the next sweep finds them
            self.message_user(
                request,
                "The broker cannot be reached. Polled within a minute after it is back.",
                messages.WARNING,
            )

    @dialog_button(
        "Poll now",
        permission="change",
        question="Poll this source now?",
        explanation="It is asked at once, and enabled if it was not.",
    )
    def poll_this(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.poll_now(request, self.get_queryset(request).filter(pk=object_id))
        return self.redirect_to(request, "papers_source_change", object_id)

    @admin.action(description="Disable…", permissions=["change"])
    def disable(self, request: HttpRequest, sources: Any) -> None:
        if not (why := self.reason(request)):
            self.message_user(request, NO_REASON, messages.ERROR)
            return
        now, sources = timezone.now(), list(sources)
        with transaction.atomic():
            self.log_openly(request, CuratorAction.Verb.DISABLE, sources, why=why)
            self.apply_to_rows(
                request, sources, f"Disabled ({why})", lambda source: source.disable(now, why)
            )


@admin.register(Poll)
class PollAdmin(ReadOnlyAdmin):
    list_display = ["source", *POLL_COLUMNS]
    list_filter = ["source", ("error", admin.EmptyFieldListFilter)]
    search_fields = ["source__name", "error"]
    list_select_related = ["source"]
    ordering = ["-pk"]


@admin.register(Backfill)
class BackfillAdmin(BaseAdmin):
    list_display = ["__str__", "done_through", "new"]
    list_filter = ["source"]
    search_fields = ["source__name"]
    list_select_related = ["source"]
    autocomplete_fields = ["source"]
    readonly_fields = ["done_through"]
    ordering = ["-pk"]
