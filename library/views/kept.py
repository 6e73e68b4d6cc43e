"""A reader's own papers: saved, upvoted, read; the newest first, with a search among them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from library.models import Note, ReadMark, Save
from papers.models import Paper, Topic, Upvote
from papers.models.paper_queries import PaperQuerySet
from papers.search_query import parse
from papers.sources import clean
from papers.views.list_page import prepare_rows
from papers.web.for_readers import for_readers
from papers.web.next_page import next_page
from papers.web.page_parts import prepare_parts
from papers.web.pagination import cut_page_of_keys


@dataclass(frozen=True)
class Kind:
    """One of the pages: its name in addresses, its words, and the rows that say which papers."""

    name: str
    title: str
    empty: str
    how: str
    rows: Callable[[User], Any]  # a query set of rows with a paper


SAVED = Kind(
    "saved",
    "Saved papers",
    "You have not saved a paper yet",
    "The bookmark beside a paper saves it; so does the key s.",
    Save.objects.of_reader,
)
UPVOTED = Kind(
    "upvoted",
    "Upvoted papers",
    "You have not upvoted a paper yet",
    "The triangle beside a paper upvotes it.",
    Upvote.objects.cast_by,
)
READ = Kind(
    "read",
    "Papers you have read",
    "You have not read a paper yet",
    "A paper counts as read when you open its page.",
    ReadMark.objects.of_reader,
)


@for_readers
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    return _kept(request, SAVED)


@for_readers
@require_safe
def upvoted(request: HttpRequest) -> HttpResponse:
    return _kept(request, UPVOTED)


@for_readers
@require_safe
def read(request: HttpRequest) -> HttpResponse:
    return _kept(request, READ)


@for_readers
@require_POST
def unread(request: HttpRequest, key: str) -> HttpResponse:
    """Delete the read mark of this paper. Again changes nothing."""
    assert isinstance(request.user, User)
    paper = get_object_or_404(Paper, key=key)
    ReadMark.objects.remove(request.user, paper)
    return redirect(next_page(request, default=paper.get_absolute_url()))


@for_readers
@require_POST
def clear_read(request: HttpRequest) -> HttpResponse:
    """Delete all read marks of this reader."""
    ReadMark.objects.of_reader(request.user).delete()
    messages.info(request, "All your read marks are deleted.")
    return redirect("library:read")


def _kept(request: HttpRequest, kind: Kind) -> HttpResponse:
    assert isinstance(request.user, User)
    text = clean.line(request.GET.get("q", ""))
    papers = Paper.objects.visible()
    problems: list[str] = []
    if text:
        papers, problems = _search(papers, text, request.user)
    rows = kind.rows(request.user).filter(paper__in=papers).order_by("-pk")
    page = cut_page_of_keys(request, rows.values_list("paper", flat=True))
    prepare_rows(request, page.object_list, list(Topic.objects.all()))
    prepare_parts(request, page.object_list)
    context = {"kind": kind, "page": page, "text": text, "problems": problems}
    return render(request, "library/kept.html", context)


def _search(papers: PaperQuerySet, text: str, reader: User) -> tuple[PaperQuerySet, list[str]]:
    """Those that a search finds, or this reader's notes on them; what the search did not grasp."""
    query = parse(text)
    noted = Note.objects.filter(reader=reader, text__icontains=text).values("paper")
    found = papers.matching(query).values("pk")
    return papers.filter(Q(pk__in=found) | Q(pk__in=noted)), query.problems
