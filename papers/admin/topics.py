"""Topics, votes, aliases, tombstones and embeddings in the admin."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin_base import NO_REASON, BaseAdmin, CountedDeletionMixin, ReadOnlyAdmin
from accounts.models import User
from papers import identifiers
from papers.admin.open_log import OpenLogMixin
from papers.admin.topic_form import TopicForm
from papers.curation import log
from papers.ingest import topic_rules
from papers.models import (
    Alias,
    CuratorAction,
    EmbeddingJob,
    Paper,
    PaperTopic,
    Tombstone,
    Topic,
    Upvote,
)

RULES_APPLY_TO = timedelta(days=30)


@admin.register(Topic)
class TopicAdmin(OpenLogMixin, CountedDeletionMixin, BaseAdmin):
    form = TopicForm
    list_display = ["name", "position", "categories", "words", "slug"]
    list_editable = ["position"]
    search_fields = ["name", "slug", "description"]
    prepopulated_fields = {"slug": ["name"]}
    actions = ["apply"]

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if {"categories", "words"} & set(form.changed_data):
            topic_rules.assign_each(Paper.objects.queued())

    @admin.action(
        description="Apply all rules to the papers of the last 30 days", permissions=["change"]
    )
    def apply(self, request: HttpRequest, queryset: Any) -> None:
        """A new rule holds for queued papers and those to come; this is for those listed lately."""
        since = timezone.localdate() - RULES_APPLY_TO
        count = topic_rules.assign_each(Paper.objects.filter(listed_on__gte=since))
        summary = f"All rules applied to {count} papers"
        topics = list(queryset)
        self.log_changes(request, topics, summary)
        self.log_openly(request, CuratorAction.Verb.CHANGE, topics, details=summary.lower())
        self.message_user(request, f"{summary}.", messages.SUCCESS)


@admin.register(PaperTopic)
class PaperTopicAdmin(BaseAdmin):
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


@admin.register(Upvote)
class UpvoteAdmin(ReadOnlyAdmin):
    """A voided vote stays void: its reader cannot cast it again."""

    list_display = ["user", "paper", "created_at", "ranked", "voided_at", "voided_why"]
    list_filter = ["ranked", ("voided_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email", "paper__key"]
    list_select_related = ["user", "paper"]
    show_full_result_count = False
    ordering = ["-pk"]
    actions = ["void"]

    def has_void_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("papers.change_upvote")

    @admin.action(description="Void…", permissions=["void"])
    def void(self, request: HttpRequest, votes: Any) -> None:
        assert isinstance(request.user, User)
        if not (why := self.reason(request)):
            self.message_user(request, NO_REASON, messages.ERROR)
            return
        rows = list(votes.filter(voided_at=None).select_related("paper"))
        summary = f"Voided ({why})"
        with transaction.atomic():
            Upvote.objects.filter(pk__in=[vote.pk for vote in rows]).void(why)
            self.log_changes(request, rows, summary)
            log.write_voided(rows, request.user, why)
        self.report_success(request, summary, len(rows))


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
