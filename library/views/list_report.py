"""Reporting a public list to the editors."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from library.forms import ListReportForm
from library.models import ListReport, ReadingList
from papers.models.report import MAX_REPORTS_A_DAY, TooManyReports
from papers.web.for_readers import for_readers

THANKS = "Thank you. The editors will look at this list."
REPORTED_BEFORE = "You have reported this list already; the editors have not decided yet."
TOO_MANY = f"You have reported {MAX_REPORTS_A_DAY} lists within a day. Please go on tomorrow."


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, list_key: str) -> HttpResponse:
    """A page with the form; a POST reports the list, once until a curator has decided."""
    assert isinstance(request.user, User)
    shown = get_object_or_404(ReadingList.objects.public(), key=list_key)
    form = ListReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reported = {"reading_list": shown, "words": form.cleaned_data["words"]}
        try:
            is_new = ListReport.objects.add(request.user, timezone.now(), **reported)
        except TooManyReports:
            form.add_error(None, TOO_MANY)
        else:
            messages.info(request, THANKS if is_new else REPORTED_BEFORE)
            return redirect(shown)
    return render(request, "library/report_list.html", {"list": shown, "form": form})
