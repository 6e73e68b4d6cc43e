"""Admin pages of issues: progress while one is sent, preview for any subscriber, pause."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts.admin_base import BaseAdmin, label_column
from accounts.mail_errors import MAIL_ERRORS, describe
from subscriptions.issues import archive, digests
from subscriptions.issues.section import Section
from subscriptions.mail_report import IssueProgress
from subscriptions.models import Issue, Subscriber
from subscriptions.orders.subscriber_choice import SubscriberChoiceForm
from subscriptions.sending import emails

STOP_POLLING = 286  # htmx stops polling on this status


class PreviewForm(SubscriberChoiceForm):
    """Also who gets it as a test, for those who may choose that."""

    to = forms.EmailField(
        label="Send it as a test to", required=False, widget=UnfoldAdminEmailInputWidget
    )

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data, user)
        self.fields["to"].disabled = not user.has_perm("subscriptions.change_issue")
        self.fields["to"].initial = user.email


@admin.register(Issue)
class IssueAdmin(BaseAdmin):
    list_display = ["__str__", "where", "first_day", "last_day", "published_at", "created_at"]
    list_filter = ["state", "frequency"]
    search_fields = ["period"]
    date_hierarchy = "first_day"
    fields = readonly_fields = [
        *("frequency", "period", "first_day", "last_day", "state", "paused_because"),
        *("published_at", "created_at"),
    ]
    actions = ["pause", "resume"]
    change_form_before_template = "admin/subscriptions/issue/progress.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its mails would be sent again

    @label_column("state", open="success", paused="warning")
    def where(self, issue: Issue) -> str:
        return issue.state

    @admin.action(description="Pause: no more of its mails leave", permissions=["change"])
    def pause(self, request: HttpRequest, issues: Any) -> None:
        self.apply_to_rows(request, issues, "Paused", lambda issue: issue.pause("by a curator"))

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, issues: Any) -> None:
        self.apply_to_rows(request, issues, "Resumed", Issue.resume)

    # --- Progress: loaded again while mails are unfinished ---

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        issue = self.get_object(request, object_id)
        # All fields are read-only, so there is nothing to save.
        shown: dict[str, Any] = {"show_save": False, "show_save_and_continue": False}
        if issue:
            shown |= {"progress": IssueProgress.from_issue(issue), "issue": issue}
        options["extra_context"] = shown
        response: HttpResponse = super().change_view(request, object_id, *args, **options)
        return response

    def get_urls(self) -> list[Any]:
        def page(name: str, view: Any) -> Any:
            shown = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{name}/", shown, name=f"subscriptions_issue_{name}")

        return [page("account", self.progress), page("preview", self.preview), *super().get_urls()]

    def _issue(self, request: HttpRequest, pk: int) -> Issue:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Issue, pk=pk)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = self._issue(request, pk)
        progress = IssueProgress.from_issue(issue)
        context = {"progress": progress, "issue": issue}
        status = 200 if progress.unfinished else STOP_POLLING
        name = "admin/subscriptions/issue/progress.html"
        return TemplateResponse(request, name, context, status=status)

    # --- Preview: the digest that one subscriber gets ---

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = self._issue(request, pk)
        user: Any = request.user
        initial = {"to": user.email} | request.GET.dict()
        form = PreviewForm(request.POST if request.method == "POST" else initial, user)
        subscriber = form.cleaned_data["subscriber"] if form.is_valid() else None
        sections, subscriptions = _contents(issue, subscriber)
        to = form.cleaned_data.get("to") or user.email
        mail = emails.preview_digest(issue, sections, subscriptions, to) if sections else None
        if mail and request.method == "POST" and form.is_valid():
            self._send(request, issue, mail)
        context = self.admin_site.each_context(request) | {
            "title": f"Preview of {issue}",
            "opts": self.opts,
            "issue": issue,
            "form": form,
            "subscriber": subscriber,
            "mail": mail,
            "html": mail.alternatives[0][0] if mail else "",
        }
        return TemplateResponse(request, "admin/subscriptions/issue/preview.html", context)

    def _send(self, request: HttpRequest, issue: Issue, mail: Any) -> None:
        try:
            mail.send()
        except MAIL_ERRORS as error:
            self.message_user(
                request, f"The relay did not take it: {describe(error)}", messages.ERROR
            )
        else:
            self.log_changes(request, [issue], "Sent as a test")
            self.message_user(request, f"Sent to {mail.to[0]}.", messages.SUCCESS)


def _contents(issue: Issue, subscriber: Subscriber | None) -> tuple[list[Section], str]:
    """Sections of the digest of this subscriber, and their subscriptions in words.

    What was sent, or what it would be now; without a subscriber, the general digest.
    """
    if subscriber is None:
        return archive.general_sections(issue, timezone.now()), "All papers"
    subscriptions = "; ".join(map(str, subscriber.subscriptions.select_related("topic")))
    delivery = issue.deliveries.filter(subscriber=subscriber).first()
    sections = digests.kept_sections(delivery) if delivery else []
    due_at = delivery.due_at if delivery else timezone.now()
    return sections or digests.preview(subscriber, issue.frequency, due_at), subscriptions
