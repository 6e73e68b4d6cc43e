"""Other names of a paper lead to its page: with a version, by DOI, by a key that was merged."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from papers import identifiers
from papers.models import Paper


@require_safe
def from_arxiv_abstract(request: HttpRequest, spelling: str) -> HttpResponse:
    return redirect_to_paper(spelling)


@require_safe
def from_arxiv_pdf(request: HttpRequest, spelling: str) -> HttpResponse:
    found = identifiers.arxiv_id(spelling)
    if found is None:
        raise Http404(f"“{spelling[:60]}” is no arXiv id.")
    identifier, version = found
    return redirect(f"https://arxiv.org/pdf/{identifier}{f'v{version}' if version else ''}")


def redirect_to_paper(spelling: str, view: str = "papers:paper", **more: str) -> HttpResponse:
    """The page of what this names in another way: with a version, by DOI, by a merged key."""
    if found := Paper.objects.visible().by_any_name(spelling):
        return redirect(view, permanent=True, key=found.key, **more)
    raise Http404("There is no paper of this name here.")
