"""Lists of papers: all of a reader's own, and one, which may be public."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from library.forms import ListForm
from library.models import ReadingList
from library.models.reading_list import MAX_LISTS, ClosedList
from papers.models import Paper, Topic
from papers.sources import clean
from papers.views.list_page import prepare_rows
from papers.web.for_readers import for_readers
from papers.web.next_page import next_page
from papers.web.page_parts import prepare_parts
from papers.web.pagination import PAGE_SIZE, cut_page_of_keys

CLOSED = "The editors made this list private, so it cannot be public."
TOO_MANY_LISTS = f"You have {MAX_LISTS} lists, which is the most. Delete one first."


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """A reader's own lists. A POST makes one, with the paper `paper` in it where there is one."""
    assert isinstance(request.user, User)
    own = ReadingList.objects.of_reader(request.user)
    form = ListForm(own, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if own.count() >= MAX_LISTS:
            form.add_error(None, TOO_MANY_LISTS)
        else:
            made = ReadingList.objects.create(owner=request.user, **form.cleaned_data)
            paper = clean.line(request.POST.get("paper", ""))
            made.add(Paper.objects.visible().filter(key=paper))
            messages.info(request, f"The list “{made.title}” is made.")
            return redirect(next_page(request, default=made.get_absolute_url()))
    return render(request, "library/lists.html", {"lists": own.with_counts(), "form": form})


@require_safe
def show(request: HttpRequest, list_key: str) -> HttpResponse:
    """A public list, or the reader's own; any other is a 404."""
    return _page(request, list_of_reader(request, list_key))


@for_readers
@require_POST
def edit(request: HttpRequest, list_key: str) -> HttpResponse:
    """Change title, description and who may read it; the page of the list has the form."""
    own = own_list(request, list_key)
    form = ListForm.to_change(own, request.POST)
    if not form.is_valid():
        return _page(request, own, form)
    try:
        own.change(**form.cleaned_data)
    except ClosedList:
        form.add_error("is_public", CLOSED)
        return _page(request, own, form)
    messages.info(request, "The list is changed.")
    return redirect(own)


@for_readers
@require_POST
def delete(request: HttpRequest, list_key: str) -> HttpResponse:
    own = own_list(request, list_key)
    own.delete()
    messages.info(request, f"The list “{own.title}” is deleted.")
    return redirect("library:lists")


def list_of_reader(request: HttpRequest, list_key: str) -> ReadingList:
    """The list, if it is public or this reader's own. Raises Http404."""
    readable = ReadingList.objects.readable_by(request.user).select_related("owner")
    return get_object_or_404(readable, key=list_key)


def own_list(request: HttpRequest, list_key: str) -> ReadingList:
    """Raises Http404."""
    return get_object_or_404(ReadingList.objects.of_reader(request.user), key=list_key)


def _page(
    request: HttpRequest, reading_list: ReadingList, form: ListForm | None = None
) -> HttpResponse:
    """`form` is that of the owner, with errors."""
    page = cut_page_of_keys(request, reading_list.visible_items().values_list("paper", flat=True))
    prepare_rows(request, page.object_list, list(Topic.objects.all()))
    prepare_parts(request, page.object_list)
    context: dict[str, Any] = {
        "list": reading_list,
        "page": page,
        "places_before": (page.number - 1) * PAGE_SIZE,
    }
    if reading_list.owner == request.user:
        context |= {"is_own": True, "form": form or ListForm.to_change(reading_list)}
    response = render(request, "library/list.html", context)
    patch_vary_headers(response, ["Cookie"])
    patch_cache_control(response, private=True, no_cache=True)
    return response
