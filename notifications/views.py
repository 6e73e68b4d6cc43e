"""A reader's notifications: the page, to mark them as read, and which of them come by email."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from notifications.forms import MailChoiceForm
from notifications.models import MailChoice, Notification
from papers.bounded_numbers import bounded_number
from papers.web.for_readers import for_readers

MAX_SHOWN = 200
MAX_ID = 2**63 - 1


@for_readers
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    rows = Notification.objects.of_reader(request.user).with_subjects()[:MAX_SHOWN]
    form = MailChoiceForm(initial={"kinds": MailChoice.objects.kinds_of(request.user)})
    context = {"notifications": rows, "form": form, "max_shown": MAX_SHOWN}
    return render(request, "notifications/notifications.html", context)


@for_readers
@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark as read the one with the given `id`, or without it all. Again changes nothing."""
    assert isinstance(request.user, User)
    rows = Notification.objects.all()
    if one := request.POST.get("id"):
        try:
            rows = rows.filter(pk=bounded_number(one, least=1, most=MAX_ID))
        except ValueError:
            rows = rows.none()
    rows.mark_read(request.user, timezone.now())
    return redirect("notifications:notifications")


@for_readers
@require_POST
def choose_mail(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    form = MailChoiceForm(request.POST)
    if form.is_valid():
        MailChoice.objects.choose(request.user, form.cleaned_data["kinds"])
        messages.info(request, "Your choice of emails is saved.")
    else:
        messages.error(request, "There is no such kind of notification. Nothing was changed.")
    return redirect("notifications:notifications")
