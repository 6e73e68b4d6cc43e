"""A page for every paper, found by whatever name the reader has."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from papers import identifiers
from papers.models import Alias, Paper


@require_safe
def paper(request: HttpRequest, key: str) -> HttpResponse:
    paper = Paper.objects.visible().for_rows().filter(key=key).first()
    if paper is None:
        return elsewhere(key)
    Paper.objects.mark_upvoted([paper], request.user)
    return render(request, "papers/paper.html", {"paper": paper, "authors": paper.authors})


@require_safe
def from_arxiv_abstract(request: HttpRequest, spelling: str) -> HttpResponse:
    return elsewhere(spelling)


@require_safe
def from_arxiv_pdf(request: HttpRequest, spelling: str) -> HttpResponse:
    found = identifiers.arxiv_id(spelling)
    if found is None:
        raise Http404(f"“{spelling[:60]}” is no arXiv id.")
    identifier, version = found
    return redirect(f"https://arxiv.org/pdf/{identifier}{f'v{version}' if version else ''}")


def elsewhere(spelling: str) -> HttpResponse:
    """The page of what this names in another way: with a version, by DOI, by a merged key."""
    names = [("key", spelling)]
    if recognised := identifiers.recognise(spelling):
        names.insert(0, recognised)
    for scheme, value in names:
        alias = Alias.objects.filter(scheme=scheme, value=value).select_related("paper").first()
        if alias and alias.paper.hidden_at is None:
            return redirect(alias.paper, permanent=True)
    raise Http404("There is no paper of this name here.")
