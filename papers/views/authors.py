"""The papers of one author, by name: as a list to read, to filter, and to follow."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from papers.identifiers import fold_name
from papers.models import Paper
from papers.views.list_page import list_page
from papers.web.caching import public


@require_safe
@public
def author(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("name", "").strip()
    papers = Paper.objects.visible().by_author(asked)
    newest = papers.sorted("new").first()
    if newest is None:
        status = 404 if asked else 200
        return render(request, "papers/no_such_author.html", {"name": asked}, status=status)
    spellings = [name for name in newest.authors if fold_name(name) == fold_name(asked)]
    name = next(iter(spellings), asked)
    return list_page(
        request,
        papers,
        kind="author",
        heading=name,
        feed=("author", name),
        canonical=f"{reverse('papers:author')}?{urlencode({'name': name})}",
        subscribe_url=f"{reverse('subscriptions:subscribe')}?{urlencode({'author': name})}",
    )
