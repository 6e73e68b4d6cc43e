"""The page that shows a digest before it is sent, and pauses it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from desk import digest_preview
from subscriptions.models import Frequency
from subscriptions.orders.subscriber_choice import SubscriberChoiceForm
from subscriptions.sending import emails

SEES_DIGESTS = ("papers.change_paper", "subscriptions.view_issue")  # either of them


class PreviewForm(SubscriberChoiceForm):
    day = forms.DateField(
        required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    frequency = forms.ChoiceField(choices=Frequency.choices, required=False)

    def __init__(self, data: Any, user: User) -> None:
        today = timezone.localdate()
        super().__init__({"day": today, "frequency": Frequency.DAILY} | data, user)


@require_safe
def digest(request: HttpRequest) -> HttpResponse:
    """`?day=&frequency=&subscriber=`: for nobody in particular without a subscriber."""
    user = request.user
    if not isinstance(user, User) or not any(map(user.has_perm, SEES_DIGESTS)):
        raise PermissionDenied
    form = PreviewForm(request.GET.dict(), user)
    context: dict[str, Any] = {"title": "Digest before it is sent", "form": form}
    if form.is_valid():
        chosen = form.cleaned_data
        shown = digest_preview.preview(chosen["frequency"], chosen["day"], chosen["subscriber"])
        mail = None
        if shown.sections:
            mail = emails.preview_digest(shown.issue, shown.sections, shown.orders, user.email)
        context |= {
            "chosen": chosen,
            "shown": shown,
            "mail": mail,
            "html": mail.alternatives[0][0] if mail else "",
            "may_pause": user.has_perm("subscriptions.change_issue"),
        }
    return TemplateResponse(request, "desk/digest.html", admin.site.each_context(request) | context)


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """`state=paused` holds an issue back, also one whose row does not exist; `open` resumes it."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("subscriptions.change_issue"):
        raise PermissionDenied
    form = PreviewForm(request.POST.dict(), user)
    if form.is_valid():
        chosen = form.cleaned_data
        issue = digest_preview.pause(chosen["frequency"], chosen["day"], user)
        is_paused = request.POST.get("state") == "paused"
        if not is_paused:
            issue.resume()
        done = "Paused" if is_paused else "Resumed"
        LogEntry.objects.log_actions(user.pk, [issue], CHANGE, done)
    chosen = {name: request.POST.get(name, "") for name in ("day", "frequency")}
    return redirect(f"{reverse('admin:desk_digest')}?{urlencode(chosen)}")
