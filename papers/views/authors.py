"""The list of one author's papers, by name; a form to type a name where none is found."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from papers.models import Paper
from papers.models.sort_orders import SortOrder
from papers.views.list_page import render_list
from papers.web.caching import public


@require_safe
@public
def author(request: HttpRequest) -> HttpResponse:
    """`/authors?name=`; the heading spells the name as the newest paper does."""
    typed = request.GET.get("name", "").strip()
    papers = Paper.objects.visible().by_author(typed)
    newest = papers.sorted(SortOrder.NEW).first()
    if newest is None:
        status = 404 if typed else 200
        return render(request, "papers/no_such_author.html", {"name": typed}, status=status)
    name = newest.spelling_of(typed)
    return render_list(
        request,
        papers,
        kind="author",
        heading=name,
        feed=("author", name),
        canonical=f"{reverse('papers:author')}?{urlencode({'name': name})}",
        subscribe={"author": name},
    )
