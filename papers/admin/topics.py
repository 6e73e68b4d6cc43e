"""Topics, aliases, tombstones and embeddings in the admin."""

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.admin_base import BaseAdmin, CountedDeletionMixin, ReadOnlyAdmin
from papers import identifiers
from papers.admin.open_log import OpenLogMixin
from papers.admin.topic_form import PREVIEW_BUTTON, TopicForm
from papers.ingest import rule_preview
from papers.models import (
    Alias,
    CuratorAction,
    EmbeddingJob,
    PaperTopic,
    Retagging,
    Tombstone,
    Topic,
)
from papers.search.query_planner import SearchTimeout, search_settings
from papers.tasks import retag_papers

RULE = {"categories", "words"}  # the fields of it


@admin.register(Topic)
class TopicAdmin(OpenLogMixin, CountedDeletionMixin, BaseAdmin):
    form = TopicForm
    list_display = ["name", "position", "categories", "words", "slug", "tagged"]
    list_select_related = ["retagging"]
    list_editable = ["position"]
    search_fields = ["name", "slug", "description"]
    prepopulated_fields = {"slug": ["name"]}
    actions = ["apply"]
    change_form_outer_before_template = "admin/papers/topic/retagging.html"
    change_form_after_template = "admin/papers/topic/rule_preview.html"

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if RULE & set(form.changed_data):
            self._retag([obj])

    # --- Preview: what the rule as typed would catch and lose ---

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.preview))
        return [path("preview/", view, name="papers_topic_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """For htmx, from the form's fields; `?topic=` is the primary key of a stored one."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        stored = self.get_object(request, request.GET.get("topic", ""))
        # The form writes into its instance what was typed.
        form_class = self.get_form(request, stored, change=bool(stored))
        form = form_class(request.POST, instance=copy(stored))
        context = self._preview_context(form, stored)
        return TemplateResponse(request, "admin/papers/topic/rule_preview_answer.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Without JavaScript the button Preview sends the form, which is shown again as typed."""
        if PREVIEW_BUTTON in request.POST:
            topic = options.get("obj")
            stored = Topic.objects.get(pk=topic.pk) if topic else None
            context |= self._preview_context(context["adminform"].form, stored)
        response: HttpResponse = super().render_change_form(request, context, *args, **options)
        return response

    def _preview_context(self, form: Any, stored: Topic | None) -> dict[str, Any]:
        """`rule_errors`, or the `preview` of the rule in this form."""
        if errors := [error for name in sorted(RULE) for error in form.errors.get(name, [])]:
            return {"rule_errors": errors}
        rule = Topic(**{name: form.cleaned_data[name] for name in RULE})
        try:
            with search_settings():
                return {"preview": rule_preview.preview(rule, stored)}
        except SearchTimeout:
            return {"rule_errors": ["The preview takes too long. Use fewer words."]}

    # --- Retagging: the papers of the past get the rule that was changed ---

    @admin.display(description="rule applied to")
    def tagged(self, topic: Topic) -> str:
        row = getattr(topic, "retagging", None)
        return row.progress if row else ""

    @admin.action(description="Apply the rule again to all papers", permissions=["change"])
    def apply(self, request: HttpRequest, queryset: Any) -> None:
        """For rows that were changed otherwise than by the form, which does this by itself."""
        topics = list(queryset)
        self._retag(topics)
        summary = "Rule applied again to all papers"
        self.log_changes(request, topics, summary)
        self.log_openly(request, CuratorAction.Verb.CHANGE, topics, details=summary.lower())
        self.message_user(
            request, "A worker applies the rules; the list shows how far it is.", messages.SUCCESS
        )

    def _retag(self, topics: Iterable[Topic]) -> None:
        for topic in topics:
            Retagging.objects.start(topic)
        # If the broker cannot be reached, the next sweep finds the rows.
        transaction.on_commit(retag_papers.delay, robust=True)


@admin.register(PaperTopic)
class PaperTopicAdmin(OpenLogMixin):
    list_display = ["paper", "topic", "by", "against"]
    list_filter = ["by", "against", "topic"]
    search_fields = ["paper__key", "topic__name"]
    list_select_related = ["paper", "topic"]
    autocomplete_fields = ["paper", "topic"]
    readonly_fields = ["by"]
    ordering = ["-pk"]

    def save_model(self, request: HttpRequest, obj: PaperTopic, form: Any, change: bool) -> None:
        obj.by = PaperTopic.By.CURATOR  # the rules do not change a curator's choice
        super().save_model(request, obj, form, change)

    def log_openly(
        self,
        request: HttpRequest,
        verb: CuratorAction.Verb,
        rows: Iterable[PaperTopic],
        **words: str,
    ) -> None:
        """As a change of the paper: `topics + vision`."""
        for row in rows:
            sign = "−" if row.against else "+"
            details = f"topics {sign} {row.topic}"
            if verb == CuratorAction.Verb.REMOVE:
                details = f"topics: {row.topic} is left to the rules"
            super().log_openly(request, CuratorAction.Verb.CHANGE, [row.paper], details=details)


@admin.register(Alias)
class AliasAdmin(BaseAdmin):
    list_display = ["value", "scheme", "paper"]
    search_fields = ["value"]
    list_select_related = ["paper"]
    autocomplete_fields = ["paper"]
    show_full_result_count = False
    ordering = ["-pk"]

    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> Any:
        """The whole value: only that has an index."""
        name = identifiers.recognise(term)
        value = name[1] if name else term.strip()
        return (queryset.filter(value=value) if value else queryset), False


@admin.register(Tombstone)
class TombstoneAdmin(BaseAdmin):
    list_display = ["value", "scheme", "why", "created_at"]
    search_fields = ["value", "why"]
    list_filter = ["scheme"]
    ordering = ["-pk"]


@admin.register(EmbeddingJob)
class EmbeddingJobAdmin(ReadOnlyAdmin):
    """Papers that semantic search does not find yet, and whether a worker still tries."""

    list_display = ["paper", "attempts", "lease_until", "dead_at"]
    list_select_related = ["paper"]
    list_filter = [("dead_at", admin.EmptyFieldListFilter)]
    search_fields = ["paper__key"]
    show_full_result_count = False
    ordering = ["-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # semantic search would never find its paper
