"""Upvoting a paper and taking the vote back: two addresses, each stating the wished end.

Who is not signed in signs in first, with the address of the upvote as `next`.
"""

from contextlib import suppress
from urllib.parse import urlsplit

from allauth.account.utils import has_verified_email
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from papers.models import Paper
from papers.views.redirects import redirect_to_paper
from papers.web.next_page import next_page, redirect_page, sign_in_page


@require_http_methods(["GET", "HEAD", "POST"])
def upvote(request: HttpRequest, key: str) -> HttpResponse:
    """Only a POST votes; a link to it leads to the paper."""
    if request.method != "POST":
        return redirect("papers:paper", key)
    return _vote(request, key, "upvote")


@require_POST
def unvote(request: HttpRequest, key: str) -> HttpResponse:
    return _vote(request, key, "unvote")


def cast_wanted_upvote(user: User, address: str) -> str:
    """Cast the upvote for which somebody signed in, if `address` is that of one.

    Returns the address to go to: the paper's page, or `address` where it is no upvote.
    """
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return address
    if match.view_name != "papers:upvote":
        return address
    paper = Paper.objects.visible().filter(key=match.kwargs["key"]).first()
    if paper is None:
        return reverse("papers:today")
    if not has_verified_email(user):
        return paper.get_absolute_url()
    with suppress(Paper.DoesNotExist):  # merged into another meanwhile
        paper.upvote(user)
    return paper.get_absolute_url()


def _vote(request: HttpRequest, key: str, method: str) -> HttpResponse:
    """Calls this method of the paper. Doing so again changes nothing: no click undoes another.

    htmx gets the new button; without script the reader returns to the page they came from.
    """
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    if not request.user.is_authenticated:
        wanted = request.path if method == "upvote" else paper.get_absolute_url()
        return redirect_page(request, sign_in_page(wanted))
    if method == "upvote" and not has_verified_email(request.user):
        return _ask_for_confirmation(request)
    try:
        getattr(paper, method)(request.user)
    except Paper.DoesNotExist:  # merged into another since it was read
        return redirect_to_paper(key)
    if request.htmx:  # type: ignore[attr-defined]
        Paper.objects.mark_for([paper], request.user)
        return render(request, "papers/_vote.html", {"paper": paper})
    return HttpResponseRedirect(next_page(request, default=paper.get_absolute_url()))


def _ask_for_confirmation(request: HttpRequest) -> HttpResponse:
    """No vote without a confirmed address: to the page that sends its email again."""
    messages.error(request, "Not voted: confirm your email address first, then vote again.")
    return redirect_page(request, reverse("account_email"))
