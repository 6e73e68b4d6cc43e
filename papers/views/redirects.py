"""Redirects from other names of a paper: /abs/ID, /html/ID, /pdf/ID, a version, a DOI."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from papers import identifiers, pasted_ids
from papers.models import Paper


@require_safe
def from_arxiv_abstract(request: HttpRequest, spelling: str) -> HttpResponse:
    return redirect_or_offer(request, spelling)


@require_safe
def from_arxiv_pdf(request: HttpRequest, spelling: str) -> HttpResponse:
    names = pasted_ids.read(spelling).names
    parsed = identifiers.arxiv_id(spelling)
    if parsed is None and names and names[0][0] == "arxiv":
        parsed = names[0][1], None
    if parsed is None:
        raise Http404(f"“{spelling[:60]}” is no arXiv id.")
    identifier, version = parsed
    return redirect(f"https://arxiv.org/pdf/{identifier}{f'v{version}' if version else ''}")


def redirect_or_offer(request: HttpRequest, spelling: str) -> HttpResponse:
    """As redirect_to_paper; a page that offers to add the paper, if this is the id of one."""
    try:
        return redirect_to_paper(spelling)
    except Http404:
        name = identifiers.recognise(spelling)
        if name is None:
            raise
        return render(request, "papers/no_such_paper.html", {"name": name[1]}, status=404)


def redirect_to_paper(spelling: str, view: str = "papers:paper", **kwargs: str) -> HttpResponse:
    """A permanent redirect to the paper that has this other name. Raises Http404.

    Other names are an arXiv id with a version, a DOI, the key of a merged paper. `view` and
    `kwargs` name the page of the paper to go to.
    """
    if paper := Paper.objects.visible().by_any_name(spelling):
        return redirect(view, permanent=True, key=paper.key, **kwargs)
    raise Http404("There is no paper of this name here.")
