"""Papers: list, feature, hide, merge, or remove for good."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin_base import CountedDeletionMixin, dialog_button, label_column
from papers import identifiers
from papers.admin.pictures import PictureAdminMixin
from papers.ingest import samples, topic_rules
from papers.models import Alias, Paper, PaperTopic
from papers.models.merging import merge
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
class PaperAdmin(CountedDeletionMixin, PictureAdminMixin):
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
        return False  # papers come from sources and imports, which also set their aliases

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

    @label_column("where", queue="warning", hidden="danger", sample="info")
    def state(self, paper: Paper) -> str:
        if paper.hidden_at:
            return "hidden"
        if paper.listed_on is None:
            return "queue" if paper.listing_wanted else ""
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

    def save_model(self, request: HttpRequest, obj: Paper, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "listed_on" in form.changed_data:
            topic_rules.list_on(obj, obj.listed_on) if obj.listed_on else obj.queue()
        if "hidden_why" in form.changed_data:
            obj.hide(obj.hidden_why) if obj.hidden_why else obj.show()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.save(commit=False):
            if isinstance(row, PaperTopic):
                row.by = PaperTopic.By.CURATOR  # the rules do not change a curator's choice
        super().save_formset(request, form, formset, change)

    # --- Deletion ---

    def delete_model(self, request: HttpRequest, obj: Paper) -> None:
        self.delete_queryset(request, Paper.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        Paper.objects.filter(pk__in=queryset).delete_forever(f"removed by {request.user}")

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

    # --- Actions on chosen rows ---

    @admin.action(description="List on today's page", permissions=["change"])
    def list_today(self, request: HttpRequest, papers: Any) -> None:
        self._list_on(request, papers, timezone.localdate())

    @admin.action(description="List on a day…", permissions=["change"])
    def list_on_a_day(self, request: HttpRequest, papers: Any) -> None:
        if day := parse_date(request.POST.get("day", "")):
            self._list_on(request, papers, day)
        else:
            self.message_user(request, "Choose the day beside the action.", messages.ERROR)

    def _list_on(self, request: HttpRequest, papers: Any, day: date) -> None:
        self.apply_to_rows(
            request, papers, f"Listed on {day}", lambda paper: topic_rules.list_on(paper, day)
        )

    @admin.action(description="List on the day of their announcement", permissions=["change"])
    def list_when_announced(self, request: HttpRequest, papers: Any) -> None:
        dated = papers.exclude(announced_on=None)
        if missing := papers.count() - len(dated):
            self.message_user(request, f"Without such a day: {missing}.", messages.WARNING)
        self.apply_to_rows(
            request,
            dated,
            "Listed when announced",
            lambda paper: topic_rules.list_on(paper, paper.announced_on),
        )

    @admin.action(description="Back to the queue", permissions=["change"])
    def queue(self, request: HttpRequest, papers: Any) -> None:
        self.apply_to_rows(request, papers, "Put into the queue", Paper.queue)

    @admin.action(description="Make a pick", permissions=["change"])
    def feature(self, request: HttpRequest, papers: Any) -> None:
        self.apply_to_rows(request, papers, "Made a pick", Paper.feature)

    @admin.action(description="No longer a pick", permissions=["change"])
    def unfeature(self, request: HttpRequest, papers: Any) -> None:
        self.apply_to_rows(
            request, papers, "No longer a pick", lambda paper: paper.feature(featured=False)
        )

    @admin.action(description="Hide…", permissions=["change"])
    def hide(self, request: HttpRequest, papers: Any) -> None:
        reason = self.reason(request)
        self.apply_to_rows(request, papers, f"Hidden ({reason})", lambda paper: paper.hide(reason))

    @admin.action(description="Show again", permissions=["change"])
    def show(self, request: HttpRequest, papers: Any) -> None:
        self.apply_to_rows(request, papers, "Shown again", Paper.show)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        # Not a list of two permissions for the action: Django takes that as either.
        return all((self.has_change_permission(request), self.has_delete_permission(request)))

    @admin.action(description="Merge two into one…", permissions=["merge"])
    def merge(self, request: HttpRequest, papers: Any) -> HttpResponse | None:
        """Without `keep` in the form a page asks which of the two stays."""
        on_arxiv = Exists(Alias.objects.filter(paper=OuterRef("pk"), scheme="arxiv"))
        both = Paper.objects.filter(pk__in=papers).annotate(on_arxiv=on_arxiv)
        pair = list(both.order_by("-on_arxiv", "created_at", "pk")[:3])
        if len(pair) != 2:
            self.message_user(request, "Choose two papers to merge.", messages.ERROR)
            return None
        keep = request.POST.get("keep", "")
        if keep not in {str(paper.pk) for paper in pair}:
            return self._ask_which_to_keep(request, pair)
        kept, other = sorted(pair, key=lambda paper: str(paper.pk) != keep)
        summary = f"Merged with {other.key}"
        self.log_deletions(request, [other])
        self.apply_to_rows(request, [kept], summary, lambda paper: merge(paper, other))
        return None

    def _ask_which_to_keep(self, request: HttpRequest, pair: list[Paper]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": "Which of the two stays?",
            "opts": self.opts,
            "pair": pair,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/papers/paper/merge.html", context)
