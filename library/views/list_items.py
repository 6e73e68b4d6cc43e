"""Putting papers into one's own list, taking them out, and their order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from library.models.reading_list import MAX_ITEMS, FullList
from library.views.lists import own_list
from papers.bounded_numbers import bounded_number
from papers.models import Paper
from papers.sources import clean
from papers.web.for_readers import for_readers
from papers.web.next_page import next_page

FULL = f"Not added: a list has room for {MAX_ITEMS:,} papers."


@for_readers
@require_POST
def add(request: HttpRequest, list_key: str) -> HttpResponse:
    """Add the paper of the field `paper`: its key, an arXiv id, DOI or link."""
    own = own_list(request, list_key)
    back = next_page(request, default=own.get_absolute_url())
    spelling = clean.line(request.POST.get("paper", ""))
    paper = Paper.objects.visible().by_any_name(spelling)
    if paper is None:
        messages.error(request, f"Not added: no paper on this site has the id “{spelling[:80]}”.")
        return redirect(back)
    try:
        added = own.add([paper])
    except FullList:
        messages.error(request, FULL)
    else:
        messages.info(request, f"{'Added to' if added else 'It is already in'} “{own.title}”.")
    return redirect(back)


@for_readers
@require_POST
def remove(request: HttpRequest, list_key: str) -> HttpResponse:
    own = own_list(request, list_key)
    own.remove(get_object_or_404(Paper, key=clean.line(request.POST.get("paper", ""))))
    messages.info(request, f"Removed from “{own.title}”.")
    return redirect(next_page(request, default=own.get_absolute_url()))


@for_readers
@require_POST
def move(request: HttpRequest, list_key: str) -> HttpResponse:
    """Put the paper `paper` at the place `place`, 1 for the first."""
    own = own_list(request, list_key)
    paper = get_object_or_404(Paper, key=clean.line(request.POST.get("paper", "")))
    try:
        place = bounded_number(request.POST.get("place", ""), least=1, most=MAX_ITEMS)
    except ValueError:
        messages.error(request, f"Not moved: a place is a number from 1 to {MAX_ITEMS:,}.")
    else:
        own.move(paper, place)
    return redirect(next_page(request, default=own.get_absolute_url()))
