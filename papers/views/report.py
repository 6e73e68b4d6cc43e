"""Reporting a paper: the form is on its page; only where it has errors it is a page of its own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from papers.models import Paper, Report
from papers.models.report import MAX_REPORTS_A_DAY, TooManyReports
from papers.web.next_page import sign_in_page
from papers.web.report_form import ReportForm

THANKS = "Thank you. The editors will look at your report."
REPORTED_BEFORE = "You have reported this paper already; the editors have not decided yet."
TOO_MANY = f"You have reported {MAX_REPORTS_A_DAY} papers within a day. Please go on tomorrow."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, key: str) -> HttpResponse:
    """Only a POST reports; a link to it leads to the paper."""
    if request.method != "POST":
        return redirect("papers:paper", key)
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    if not isinstance(request.user, User):
        return redirect(sign_in_page(paper.get_absolute_url()))
    form = ReportForm(request.POST)
    if form.is_valid():
        reported = {"paper": paper, **form.cleaned_data}
        try:
            is_new = Report.objects.add(request.user, timezone.now(), **reported)
        except TooManyReports:
            form.add_error(None, TOO_MANY)
        else:
            messages.info(request, THANKS if is_new else REPORTED_BEFORE)
            return redirect(paper.get_absolute_url())
    return render(request, "papers/report.html", {"paper": paper, "form": form})
