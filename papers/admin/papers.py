"""Papers: list, feature, hide, merge, or remove for good."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin_base import CountedDeletionMixin, dialog_button, label_column
from accounts.curator_notes import CuratorNotesMixin
from papers import identifiers
from papers.admin.curation import CurationMixin
from papers.admin.open_log import OpenLogMixin
from papers.admin.pictures import PictureAdminMixin
from papers.ingest import samples
from papers.models import Alias, CuratorAction, Paper, PaperTopic
from papers.models.paper_queries import PaperQuerySet


class PlaceFilter(admin.SimpleListFilter):
    title = "where"
    parameter_name = "where"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [
            ("page", "on a page"),
            ("queue", "in the queue"),
            ("nowhere", "neither"),
            ("hidden", "hidden"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> PaperQuerySet:
        papers: PaperQuerySet = queryset
        match self.value():
            case "page":
                return papers.visible().filter(listed_on__isnull=False)
            case "queue":
                return papers.queued()
            case "nowhere":
                return papers.visible().filter(listed_on=None, listing_wanted=False)
            case "hidden":
                return papers.filter(hidden_at__isnull=False)
        return papers


class TopicInline(TabularInline):
    model = PaperTopic
    autocomplete_fields = ["topic"]
    readonly_fields = ["by"]
    can_delete = False  # the rules would add it again; "not this topic" lasts
    extra = 0


class AliasInline(TabularInline):
    model = Alias
    extra = 0


COUNTED_VOTES = ("votes", "ranked_votes", "votes_brought")


@admin.register(Paper)
class PaperAdmin(
    CountedDeletionMixin, CuratorNotesMixin, CurationMixin, PictureAdminMixin, OpenLogMixin
):
    logged_elsewhere = ("Listed on", "Position", "Pick", "Hidden, because")
    list_display = ["name", "state", "listed_on", "upvotes", "pick", "primary_category"]
    list_filter = [
        *(PlaceFilter, "featured", "withdrawn", "is_sample", "topics", "source", "picture__state")
    ]
    search_fields = ["title_text"]  # and more: see get_search_results
    search_help_text = "Words, names, an arXiv id or a DOI"
    show_full_result_count = False
    date_hierarchy = "listed_on"
    ordering = ["-pk"]  # the newest rows; every row has a key, not every one a day
    actions = [
        *("list_today", "list_when_announced", "list_on_a_day", "queue"),
        *("feature", "unfeature", "hide", "show", "merge"),
        *("remove_picture", "find_picture"),
    ]
    actions_list = ["remove_samples"]
    autocomplete_fields = ["submitter"]
    inlines = [TopicInline, AliasInline]
    readonly_fields = [
        # The next poll would overwrite an edit of these.
        *("title", "authors", "abstract", "primary_category", "categories", "version"),
        *("withdrawn", "is_sample", "abstract_url", "pdf_url", "submitted_at", "updated_at"),
        *("announced_on", "source", "extra"),
        *("upvotes", "hotness", "expected_votes", *COUNTED_VOTES),
    ]
    fieldsets = [
        (
            "On the pages",
            {
                "fields": [
                    *(("listed_on", "position"), ("featured", "listing_wanted"), "hidden_why"),
                    *(("submitter", "submitter_name"), ("code_url", "project_url")),
                    ("doi", "journal_ref"),
                ]
            },
        ),
        (
            "As the source has it",
            {
                "fields": [
                    *("title", "authors", "abstract", ("primary_category", "categories")),
                    *(("version", "withdrawn", "is_sample"), ("abstract_url", "pdf_url")),
                    *(("submitted_at", "updated_at", "announced_on"), ("source", "extra")),
                ]
            },
        ),
        (
            "Votes",
            {"fields": [("upvotes", "hotness", "expected_votes"), COUNTED_VOTES]},
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        may: bool = self.has_change_permission(request)
        return may

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """By the page for readers: it looks the record up, and sets the paper's other ids."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("papers:submit")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Paper]":
        papers: QuerySet[Paper] = super().get_queryset(request)
        return papers.defer("abstract", "abstract_text", "extra")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, term: str
    ) -> "tuple[QuerySet[Paper], bool]":
        """An arXiv id, DOI or key finds that paper; words are found by the site's search index."""
        term = term.strip()
        if name := identifiers.recognise(term):
            return queryset.filter(aliases__scheme=name[0], aliases__value=name[1]), False
        if identifiers.is_key(term):
            return queryset.filter(key=term), False
        if words := identifiers.fold_name(term):
            query = SearchQuery(words, config="english") | SearchQuery(words, config="simple")
            queryset = queryset.filter(found_by__search=query)
        return queryset, False

    @admin.display(description="title")
    def name(self, paper: Paper) -> str:
        return paper.title_text

    @label_column("where", queue="warning", hidden="danger", sample="info", scheduled="info")
    def state(self, paper: Paper) -> str:
        if paper.hidden_at:
            return "hidden"
        if paper.listed_on is None:
            return "queue" if paper.listing_wanted else ""
        if paper.is_scheduled:
            return "scheduled"
        return "withdrawn" if paper.withdrawn else "sample" if paper.is_sample else "page"

    @label_column("pick")
    def pick(self, paper: Paper) -> str:
        return "pick" if paper.featured else ""

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_form(
            *args,
            **kwargs,
            labels={"hidden_why": "Hidden, because"},
            help_texts={"hidden_why": "A reason hides the paper; without one it is shown again."},
            widgets={"journal_ref": UnfoldAdminTextInputWidget},
        )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.save(commit=False):
            if isinstance(row, PaperTopic):
                row.by = PaperTopic.By.CURATOR  # the rules do not change a curator's choice
        super().save_formset(request, form, formset, change)

    # --- Deletion ---

    def delete_model(self, request: HttpRequest, obj: Paper) -> None:
        self.delete_queryset(request, Paper.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        papers = Paper.objects.filter(pk__in=queryset)
        self.log_openly(request, CuratorAction.Verb.REMOVE, papers)
        papers.delete_forever(f"removed by {request.user}")

    def has_samples_permission(self, request: HttpRequest) -> bool:
        may: bool = self.has_delete_permission(request)
        return may and Paper.objects.filter(is_sample=True).exists()

    @dialog_button(
        "Remove the sample papers",
        permission="samples",
        question="Remove all the sample papers?",
        explanation="They are invented, to show what a page looks like. Their votes go with them; "
        "no other paper is touched.",
    )
    def remove_samples(self, request: HttpRequest, form: Any) -> HttpResponse:
        assert request.user.is_authenticated
        with transaction.atomic():
            count = samples.remove()
            LogEntry.objects.create(  # one entry: sixty would fill the dashboard's log
                user_id=request.user.pk,
                content_type=ContentType.objects.get_for_model(Paper),
                object_repr=f"{count} sample papers",
                action_flag=DELETION,
            )
        self.report_success(request, "Removed", count)
        return self.redirect_to(request, "papers_paper_changelist")
