"""Saving a paper and taking that back: two addresses, each stating the wished end.

Without an account, `saves.js` keeps what is saved in the browser. Without script too, the reader
signs in first, with the address of the save as `next`.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from library.models import Save
from library.row_marks import mark_papers
from papers.models import Paper
from papers.web.next_page import next_page, redirect_page, sign_in_page


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Only a POST saves; a link to it leads to the paper."""
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    if request.method != "POST":
        return redirect(paper)
    if not isinstance(request.user, User):
        return redirect_page(request, sign_in_page(request.path))
    Save.objects.add(request.user, [paper])
    return _answer(request, paper)


@require_POST
def unsave(request: HttpRequest, key: str) -> HttpResponse:
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    if not isinstance(request.user, User):
        return redirect_page(request, sign_in_page(paper.get_absolute_url()))
    Save.objects.remove(request.user, paper)
    return _answer(request, paper)


def save_wanted_paper(user: User, address: str) -> str:
    """Save the paper for which somebody signed in, if `address` is that of a save.

    Returns the address to go to: the paper's page, or `address` where it is no save.
    """
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return address
    if match.view_name == "library:save":
        paper = Paper.objects.visible().filter(key=match.kwargs["key"]).first()
        if paper:
            Save.objects.add(user, [paper])
            return paper.get_absolute_url()
    return address


def _answer(request: HttpRequest, paper: Paper) -> HttpResponse:
    """htmx gets the new button; without script the reader returns to the page they came from."""
    if request.htmx:  # type: ignore[attr-defined]
        mark_papers(request, [paper])
        return render(request, "library/_save.html", {"paper": paper})
    return HttpResponseRedirect(next_page(request, default=paper.get_absolute_url()))
