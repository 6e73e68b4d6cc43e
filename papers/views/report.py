"""Reporting a paper: the form is on its page; only where it has errors it is a page of its own."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from papers.models import Paper, Report
from papers.models.report import MAX_REPORTS_A_DAY
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
    if form.is_valid() and Report.objects.is_limit_reached(request.user, timezone.now()):
        form.add_error(None, TOO_MANY)
    if not form.is_valid():
        return render(request, "papers/report.html", {"paper": paper, "form": form})
    messages.info(request, THANKS if _store(paper, request.user, form) else REPORTED_BEFORE)
    return redirect(paper.get_absolute_url())


def _store(paper: Paper, reader: User, form: ReportForm) -> bool:
    """False where a report of this reader on this paper is still open: that one stays."""
    try:
        with transaction.atomic():
            Report.objects.create(paper=paper, reporter=reader, **form.cleaned_data)
    except IntegrityError:
        return False
    return True
