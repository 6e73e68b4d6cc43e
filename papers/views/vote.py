"""Upvoting a paper and taking the vote back: two addresses, each stating the wished end."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from papers.models import Paper
from papers.views.redirects import redirect_to_paper


@require_POST
def upvote(request: HttpRequest, key: str) -> HttpResponse:
    return _vote(request, key, "upvote")


@require_POST
def unvote(request: HttpRequest, key: str) -> HttpResponse:
    return _vote(request, key, "unvote")


def _vote(request: HttpRequest, key: str, method: str) -> HttpResponse:
    """Calls this method of the paper. Doing so again changes nothing: no click undoes another.

    htmx gets the new button; without script the reader returns to the page they came from.
    """
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    if not request.user.is_authenticated:
        sign_in = f"{reverse('account_login')}?{urlencode({'next': paper.get_absolute_url()})}"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponse(headers={"HX-Redirect": sign_in})
        return HttpResponseRedirect(sign_in)
    try:
        getattr(paper, method)(request.user)
    except Paper.DoesNotExist:  # merged into another since it was read
        return redirect_to_paper(key)
    if request.htmx:  # type: ignore[attr-defined]
        Paper.objects.mark_upvoted([paper], request.user)
        return render(request, "papers/_vote.html", {"paper": paper})
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = paper.get_absolute_url()
    return HttpResponseRedirect(back)
