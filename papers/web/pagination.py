"""Cuts a list of papers into pages: the page number, the papers of that page, the next link.

The search page has its own paginator, with the same page size, number check and limit.
"""

import math
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from papers.bounded_numbers import bounded_number
from papers.models import Paper
from papers.models.paper_queries import PaperQuerySet
from papers.web.filter_links import url_with

PAGE_SIZE = 60  # papers
MAX_PAGES = 100
MAX_KEY_CHARS = 100
NO_SUCH_PAGE = "There is no such page of this list."


@dataclass(frozen=True, slots=True)
class Page:
    """The papers of one page, and the addresses of the pages before and after it."""

    object_list: list[Paper]
    number: int
    total: int | None  # None where counting them would take longer than showing them
    next_url: str
    previous_url: str

    @property
    def pages(self) -> int:
        return min(MAX_PAGES, math.ceil((self.total or 0) / PAGE_SIZE))


def page_number(request: HttpRequest) -> int:
    """`?page=`, from 1 to MAX_PAGES. Raises Http404 for anything else."""
    page = request.GET.get("page") or "1"
    try:
        return bounded_number(page, least=1, most=MAX_PAGES)
    except ValueError:
        raise Http404(NO_SUCH_PAGE) from None


def cut_page(
    request: HttpRequest, papers: PaperQuerySet, *, total: int | None, by_hotness: bool
) -> Page:
    """The page that the request's `page` and `after` name. Raises Http404 past the end.

    `by_hotness` says that hotness and key alone sort the papers: then the next page starts after
    the last paper shown, not at an offset.
    """
    number = page_number(request)
    after = _last_seen(request) if by_hotness else None
    if after:
        rows = papers.colder_than(*after).limited(0, PAGE_SIZE + 1)
    else:
        rows = papers.limited((number - 1) * PAGE_SIZE, PAGE_SIZE + 1)
    shown = list(rows.for_list(request.user))  # one more than shown tells of a next page
    if not shown and number > 1:
        raise Http404(NO_SUCH_PAGE)
    has_next, shown = len(shown) > PAGE_SIZE and number < MAX_PAGES, shown[:PAGE_SIZE]
    last_seen = [f"{shown[-1].hotness!r} {shown[-1].key}"] if has_next and by_hotness else []
    return Page(
        shown,
        number,
        total,
        url_with(request, page=[str(number + 1)], after=last_seen) if has_next else "",
        _previous_url(request, number),
    )


def cut_page_of_keys(request: HttpRequest, keys: QuerySet[Any, int]) -> Page:
    """The page of a list whose order is not that of a column of papers, such as a reader's own.

    `keys` are primary keys of papers, in order; no more are read than MAX_PAGES can show.
    Raises Http404 past the end.
    """
    number = page_number(request)
    numbers = list(keys[: PAGE_SIZE * MAX_PAGES])
    shown = numbers[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    if not shown and number > 1:
        raise Http404(NO_SUCH_PAGE)
    papers = Paper.objects.for_list(request.user).in_bulk(shown)
    has_next = number * PAGE_SIZE < len(numbers)
    return Page(
        [papers[key] for key in shown if key in papers],
        number,
        len(numbers),
        url_with(request, page=[str(number + 1)]) if has_next else "",
        _previous_url(request, number),
    )


def _previous_url(request: HttpRequest, number: int) -> str:
    if number == 1:
        return ""
    return url_with(request, page=[str(number - 1)] if number > 2 else [])


def _last_seen(request: HttpRequest) -> tuple[float, str] | None:
    """`?after=7201.5 2502.03793`: hotness and key of the last paper of the page before.

    The list goes on from there, however votes have moved papers since. Raises BadRequest.
    """
    hotness, _, key = request.GET.get("after", "").partition(" ")
    if not hotness:
        return None
    try:
        last_seen = float(hotness), key
    except ValueError:
        last_seen = math.nan, key
    if not (math.isfinite(last_seen[0]) and 0 < len(key) < MAX_KEY_CHARS):
        raise BadRequest("after is what the link to the next page says")
    return last_seen
