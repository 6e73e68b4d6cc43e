"""What became of the papers that a reader added."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from papers.models import Submission
from papers.web.for_readers import for_readers

MAX_SHOWN = 200


@for_readers
@require_safe
def submitted(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    Submission.objects.filter(submitter=request.user).settle(timezone.now())
    submissions = Submission.objects.of_reader(request.user)[:MAX_SHOWN]
    return render(request, "papers/submitted.html", {"submissions": submissions})
