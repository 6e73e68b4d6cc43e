"""What curators do on the list of papers and on a paper's form, by the functions of the desk."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.admin_base import NO_REASON, BaseAdmin
from accounts.models import User
from papers.curation import actions, merges, order
from papers.curation.changes import Conflict, Versions, versions_of
from papers.models import Alias, Paper

DECISIONS = ("listed_on", "position", "featured", "hidden_why")  # fields of the form
CONFLICT = "Another curator has just changed one of these papers. Nothing was done: look again."


class CurationMixin(BaseAdmin):
    """Of PaperAdmin, which names the actions among its own."""

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
        self._curate(request, papers, f"Listed on {day}", partial(actions.list_on, day=day))

    @admin.action(description="List on the day of their announcement", permissions=["change"])
    def list_when_announced(self, request: HttpRequest, papers: Any) -> None:
        dated = papers.exclude(announced_on=None)
        if missing := papers.count() - len(dated):
            self.message_user(request, f"Without such a day: {missing}.", messages.WARNING)
        self._curate(request, dated, "Listed when announced", actions.list_when_announced)

    @admin.action(description="Back to the queue", permissions=["change"])
    def queue(self, request: HttpRequest, papers: Any) -> None:
        self._curate(request, papers, "Put into the queue", actions.queue)

    @admin.action(description="Make a pick", permissions=["change"])
    def feature(self, request: HttpRequest, papers: Any) -> None:
        self._curate(request, papers, "Made a pick", actions.pick)

    @admin.action(description="No longer a pick", permissions=["change"])
    def unfeature(self, request: HttpRequest, papers: Any) -> None:
        self._curate(request, papers, "No longer a pick", actions.unpick)

    @admin.action(description="Hide…", permissions=["change"])
    def hide(self, request: HttpRequest, papers: Any) -> None:
        if why := request.POST.get("why", "").strip():
            self._curate(request, papers, f"Hidden ({why})", partial(actions.hide, why=why))
        else:
            self.message_user(request, NO_REASON, messages.ERROR)

    @admin.action(description="Show again", permissions=["change"])
    def show(self, request: HttpRequest, papers: Any) -> None:
        self._curate(request, papers, "Shown again", actions.show)

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

        def merge_both(versions: Versions, curator: User) -> None:
            self.log_deletions(request, [other])
            merges.merge_papers({**versions, **versions_of([other])}, kept, curator)

        self._curate(request, [kept], f"Merged with {other.key}", merge_both)
        return None

    def _ask_which_to_keep(self, request: HttpRequest, pair: list[Paper]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": "Which of the two stays?",
            "opts": self.opts,
            "pair": pair,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/papers/paper/merge.html", context)

    def _curate(
        self, request: HttpRequest, papers: Any, summary: str, act: Callable[..., object]
    ) -> None:
        """Call `act` with the versions of these papers and the curator; log it and show it."""
        papers = list(papers)
        try:
            with transaction.atomic():
                act(versions_of(papers), curator=request.user)
                self.log_changes(request, papers, summary)
        except Conflict:
            self.message_user(request, CONFLICT, messages.ERROR)
        else:
            self.report_success(request, summary, len(papers))

    # --- The form of a paper ---

    def save_model(self, request: HttpRequest, obj: Paper, form: Any, change: bool) -> None:
        """What curators decide is done as at the desk; the other fields are saved as they are."""
        assert isinstance(request.user, User)
        decided = {name: getattr(obj, name) for name in DECISIONS if name in form.changed_data}
        stored = Paper.objects.select_for_update(no_key=True).get(pk=obj.pk)
        for name in decided:
            setattr(obj, name, getattr(stored, name))
        super().save_model(request, obj, form, change)
        for name, value in decided.items():
            versions = versions_of(Paper.objects.filter(pk=obj.pk))
            _decide(versions, name, value, request.user)


def _decide(versions: Versions, name: str, value: Any, curator: User) -> None:
    """Do what a changed field of the form stands for."""
    match name:
        case "listed_on":
            actions.list_on(versions, value, curator) if value else actions.queue(versions, curator)
        case "position":
            order.place(versions, value, curator)
        case "featured":
            (actions.pick if value else actions.unpick)(versions, curator)
        case "hidden_why":
            actions.hide(versions, value, curator) if value else actions.show(versions, curator)
