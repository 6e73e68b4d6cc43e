"""Votes, and the rings that the nightly search proposes, in the admin."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.admin_base import NO_REASON, ReadOnlyAdmin, label_column
from accounts.models import User
from papers.curation import votes as curation
from papers.curation.changes import Conflict
from papers.curation.undo import NothingToUndo, undo
from papers.models import Paper, Upvote, VoteRing

MAX_WRONG_COUNTERS = 20  # papers that the list names


class VoidingMixin(ReadOnlyAdmin):
    def has_void_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("papers.change_upvote")


@admin.register(Upvote)
class UpvoteAdmin(VoidingMixin):
    """A voided vote stays void: its reader cannot cast it again."""

    list_display = ["user", "paper", "created_at", "ranked", "voided_at", "voided_why"]
    list_filter = ["ranked", ("voided_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__email", "paper__key"]
    list_select_related = ["user", "paper"]
    show_full_result_count = False
    ordering = ["-pk"]
    actions = ["void"]

    @admin.action(description="Void…", permissions=["void"])
    def void(self, request: HttpRequest, votes: Any) -> None:
        assert isinstance(request.user, User)
        if not (why := self.reason(request)):
            self.message_user(request, NO_REASON, messages.ERROR)
            return
        rows = list(votes.filter(voided_at=None))
        summary = f"Voided ({why})"
        chosen = Upvote.objects.filter(pk__in=[vote.pk for vote in rows])
        with transaction.atomic():
            curation.void(chosen, why, request.user)
            self.log_changes(request, rows, summary)
        self.report_success(request, summary, len(rows))


@admin.register(VoteRing)
class VoteRingAdmin(VoidingMixin):
    """Accounts that vote together far beyond chance: a curator decides what it means."""

    list_before_template = "admin/papers/votering/explanation.html"
    list_display = [
        *("found_at", "account_count", "paper_count", "in_common", "in_network"),
        *("state_label", "decided_by", "decided_at"),
    ]
    list_filter = ["state"]
    list_select_related = ["decided_by"]
    ordering = ["-pk"]
    actions = ["accept", "dismiss", "decide_again"]
    fields = [
        *("found_at", "in_common", "in_network", "linked_papers", "linked_accounts"),
        *("state", "decided_by", "decided_at"),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("papers.view_upvote")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a dismissed ring would be proposed again

    def get_queryset(self, request: HttpRequest) -> "QuerySet[VoteRing]":
        return super().get_queryset(request).annotate(account_total=Count("accounts"))  # type: ignore[no-any-return]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        wrong = Paper.objects.all().with_wrong_counters()[:MAX_WRONG_COUNTERS]
        context = {"wrong_counters": wrong, "title": "Vote rings"}
        response: HttpResponse = super().changelist_view(request, (extra_context or {}) | context)
        return response

    # --- What is shown ---

    @admin.display(description="accounts", ordering="account_total")
    def account_count(self, ring: VoteRing) -> int:
        return ring.account_total  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="papers")
    def paper_count(self, ring: VoteRing) -> int:
        return len(ring.papers)

    @admin.display(description="papers in common, of two accounts", ordering="common")
    def in_common(self, ring: VoteRing) -> str:
        return f"{ring.common:.1f}, by chance {ring.expected:.2f}"

    @label_column("state", **{"to be decided": "warning", "votes voided": "danger"})
    def state_label(self, ring: VoteRing) -> str:
        return ring.get_state_display()

    @admin.display(description="accounts")
    def linked_accounts(self, ring: VoteRing) -> SafeString:
        rows = [
            (
                reverse("admin:accounts_user_change", args=[user.pk]),
                user.email,
                date_format(user.date_joined, "j F Y"),
            )
            for user in ring.accounts.order_by("date_joined")
        ]
        return format_html_join("", '<p><a href="{}">{}</a>, joined {}</p>', rows)

    @admin.display(description="papers, and how many of the accounts upvoted them")
    def linked_papers(self, ring: VoteRing) -> SafeString:
        accounts = ring.accounts.values("pk")
        votes = Upvote.objects.filter(user__in=accounts, paper__key__in=ring.papers)
        counted = votes.values_list("paper__key", "paper__title_text").annotate(count=Count("pk"))
        rows = (
            (f"/papers/{key}", title, count) for key, title, count in counted.order_by("-count")
        )
        return format_html_join("", '<p><a href="{}">{}</a>, {}</p>', rows)

    # --- What a curator decides ---

    @admin.action(description="Void their votes for these papers", permissions=["void"])
    def accept(self, request: HttpRequest, rings: Any) -> None:
        self._decide(request, rings, "Votes voided", curation.accept)

    @admin.action(description="No ring: do not propose it again", permissions=["void"])
    def dismiss(self, request: HttpRequest, rings: Any) -> None:
        self._decide(request, rings, "Dismissed", curation.dismiss)

    @admin.action(description="Undo the decision", permissions=["void"])
    def decide_again(self, request: HttpRequest, rings: Any) -> None:
        self._decide(request, rings, "Decision undone", _decide_again)

    def _decide(
        self, request: HttpRequest, rings: Any, summary: str, decide: Callable[..., object]
    ) -> None:
        """Call `decide` for each ring; those where it changes nothing are not counted."""
        try:
            with transaction.atomic():
                decided = [ring for ring in rings if decide(ring, request.user)]
                self.log_changes(request, decided, summary)
        except (Conflict, NothingToUndo):
            text = "One of the papers has been deleted or merged since: its votes stay void."
            self.message_user(request, text, messages.ERROR)
            return
        self.report_success(request, summary, len(decided))


def _decide_again(ring: VoteRing, curator: User) -> bool:
    if ring.batch:
        return bool(undo(ring.batch, curator))
    return bool(VoteRing.objects.filter(pk=ring.pk).exclude(state=VoteRing.State.OPEN).reopen())
