"""The curators' desk: what stands on the pages, what we poll, and what was done about it."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.postgres.search import SearchQuery
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django_htmx.http import HttpResponseClientRedirect
from kombu.exceptions import OperationalError
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.forms import ActionForm

from accounts.admin import Counted
from papers import identifiers, samples, topics
from papers.models import (
    Alias,
    Backfill,
    Paper,
    PaperSearch,
    PaperTopic,
    Poll,
    Source,
    Tombstone,
    Topic,
    Upvote,
)
from papers.models.paper import PaperQuerySet
from papers.tasks import poll_source

Rows = models.QuerySet[Any]
AT_ONCE = 1000  # papers sorted into topics in one go
RECENT = timedelta(days=30)
BY_A_CURATOR = "by a curator"


class DeskForm(ActionForm):  # type: ignore[misc]
    """The list of actions, and what some of them ask; the theme shows each where it is needed."""

    why = forms.CharField(
        label="",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            {
                "placeholder": "Why?",
                "aria-label": "Why",
                "class": "desk-field",
                "x-cloak": True,
                "x-show": "['hide', 'disable', 'void'].includes(action)",
            }
        ),
    )
    day = forms.DateField(
        label="",
        required=False,
        widget=forms.DateInput(
            {
                "type": "date",
                "aria-label": "Day",
                "class": "desk-field",
                "x-cloak": True,
                "x-show": "action == 'list_on_a_day'",
            }
        ),
    )


class Desk(ModelAdmin):
    """Deeds upon chosen rows: done by the model's own methods, logged, and said aloud."""

    action_form = DeskForm
    list_per_page = 50

    def carry_out(
        self, request: HttpRequest, rows: Iterable[Any], said: str, deed: Callable[[Any], Any]
    ) -> None:
        rows = list(rows)
        with transaction.atomic():
            for row in rows:
                deed(row)
            self.log(request, rows, said)
        noun = self.opts.verbose_name if len(rows) == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{said}: {len(rows)} {noun}.", messages.SUCCESS)

    def log(self, request: HttpRequest, rows: list[Any], said: str) -> None:
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, said)  # type: ignore[arg-type]

    def go(self, request: HttpRequest, page: str, *args: object) -> HttpResponse:
        """To another page, also from a dialog of the theme, which asks by htmx."""
        url = reverse(f"admin:{page}", args=args)
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(url)
        return redirect(url)


class ReadOnly:
    """Written by the machine alone."""

    def has_add_permission(self, *args: object) -> bool:
        return False

    def has_change_permission(self, *args: object) -> bool:
        return False


# --- Papers ---


class Whereabouts(admin.SimpleListFilter):
    title = "where"
    parameter_name = "where"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [
            ("page", "on a page"),
            ("queue", "in the queue"),
            ("nowhere", "neither"),
            ("hidden", "hidden"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> PaperQuerySet | None:
        match self.value():
            case "page":
                return queryset.visible().filter(listed_on__isnull=False)
            case "queue":
                return queryset.queued()
            case "nowhere":
                return queryset.visible().filter(listed_on=None, listing_wanted=False)
            case "hidden":
                return queryset.filter(hidden_at__isnull=False)
        return None


class TopicInline(TabularInline):
    model = PaperTopic
    autocomplete_fields = ["topic"]
    readonly_fields = ["by"]
    can_delete = False  # the rules would bring it back: what holds is "not this topic"
    extra = 0


class AliasInline(TabularInline):
    model = Alias
    extra = 0


@admin.register(Paper)
class PaperAdmin(Counted, Desk):
    list_display = [
        *("title_text", "state", "listed_on", "upvotes", "featured", "primary_category", "source")
    ]
    list_filter = [
        *(Whereabouts, "featured", "withdrawn", "is_sample", "topics", "source"),
        "primary_category",
    ]
    list_select_related = ["source"]
    search_fields = ["title_text"]  # see get_search_results
    search_help_text = "Words, names, an arXiv id or a DOI."
    show_full_result_count = False
    date_hierarchy = "listed_on"
    ordering = ["-pk"]
    actions = [
        *("list_today", "list_when_announced", "list_on_a_day", "queue", "feature", "unfeature"),
        *("hide", "show", "merge"),
    ]
    actions_list = ["remove_samples"]
    autocomplete_fields = ["submitter"]
    inlines = [TopicInline, AliasInline]
    fieldsets = [
        (
            "On the pages",
            {
                "fields": [
                    *(("listed_on", "position"), ("featured", "listing_wanted"), "hidden_why"),
                    ("submitter", "submitter_name"),
                ]
            },
        ),
        ("Links", {"fields": [("code_url", "project_url"), ("doi", "journal_ref")]}),
        # What the next poll would set back is not ours to edit.
        (
            "As the source has it",
            {
                "fields": [
                    *("title", "abstract", "authors", ("primary_category", "categories")),
                    *(("version", "withdrawn", "is_sample"), ("abstract_url", "pdf_url")),
                    *(("submitted_at", "updated_at", "announced_on"), ("source", "extra")),
                ]
            },
        ),
        ("Votes", {"fields": [("upvotes", "votes", "ranked_votes", "votes_brought", "hotness")]}),
    ]
    readonly_fields = [
        *("title", "abstract", "authors", "primary_category", "categories", "version"),
        *("withdrawn", "is_sample", "abstract_url", "pdf_url", "submitted_at", "updated_at"),
        *("announced_on", "source", "extra", "upvotes", "votes", "ranked_votes", "votes_brought"),
        "hotness",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # papers come from sources and imports, with all that is known of them

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).defer("abstract", "abstract_text", "extra")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, term: str
    ) -> tuple[Rows, bool]:
        """By the index that the site's own search uses; a name of a paper finds just that one."""
        if not term.strip():
            return queryset, False
        if name := identifiers.recognise(term):
            return queryset.filter(aliases__scheme=name[0], aliases__value=name[1]), False
        if identifiers.is_key(term.strip()):
            return queryset.filter(key=term.strip()), False
        words = identifiers.fold_name(term)
        query = SearchQuery(words, config="english") | SearchQuery(words, config="simple")
        return queryset.filter(found_by__search=query), False

    @display(
        description="where",
        label={"queue": "warning", "hidden": "danger", "sample": "info", "withdrawn": "info"},
    )
    def state(self, paper: Paper) -> str:
        if paper.hidden_at:
            return "hidden"
        if paper.listed_on is None:
            return "queue" if paper.listing_wanted else ""
        return "withdrawn" if paper.withdrawn else "sample" if paper.is_sample else "page"

    # --- What a curator does ---

    @admin.action(description="List on today's page", permissions=["change"])
    def list_today(self, request: HttpRequest, papers: Rows) -> None:
        today = timezone.localdate()
        self.carry_out(request, papers, f"Listed on {today}", lambda paper: paper.list_on(today))
