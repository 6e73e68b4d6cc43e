"""The search page: the box, its filters, and the papers it finds."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import pasted_ids, periods, search_query
from papers.feeds.links import feed_links
from papers.models import EmptySearch, Paper, Topic
from papers.search import query_planner, run
from papers.search.named_authors import named_authors
from papers.search.run import BEST, SearchResults
from papers.search_query import Query
from papers.web.caching import public
from papers.web.filter_links import topic_links
from papers.web.list_filters import ListFilters, choice_from_request, sort_labels
from papers.web.page_links import subscribe_offer, subscribe_url
from papers.web.page_parts import prepare_parts
from papers.web.pagination import NO_SUCH_PAGE, PAGE_SIZE, page_number

PAGES_ELSEWHERE = {  # of a paper that is not here
    "arxiv": ("arXiv", "https://arxiv.org/abs/"),
    "doi": ("its publisher", "https://doi.org/"),
    "openreview": ("OpenReview", "https://openreview.net/forum?id="),
}
TIMES = {  # label, and how far back
    "week": ("Past week", timedelta(days=7)),
    "month": ("Past month", timedelta(days=31)),
    "year": ("Past year", timedelta(days=366)),
}
EXAMPLES = [
    ("retrieval augmented generation", "words and related meanings"),
    ('"chain of thought" -survey', "a phrase; and without a word"),
    ('diffusion OR "score matching"', "either of two"),
    ('au:"ada lovelace"', "an author"),
    ("ti:sparse abs:benchmark", "in the title, in the abstract"),
    ("in:cs.CL topic:language", "a category of arXiv, a topic of this site"),
    ("agents date:2025-01..2025-03", "from then to then; 2025 and 2025-W11 are dates too"),
    ("agents votes:10", "with at least so many upvotes"),
]


@require_safe
@public
def search(request: HttpRequest) -> HttpResponse:
    """Redirects to the paper or the page of a date that was typed; otherwise searches."""
    text = request.GET.get("q", "").strip()
    if paper := Paper.objects.visible().by_any_name(text):
        return redirect(paper)
    if period := periods.read(text):
        return redirect(f"papers:{period.kind}", period.name)
    named_papers, missing_ids = _papers_named_in(text)
    filters = ListFilters.from_request(request, sort_choices(), default_sort=BEST)
    time = choice_from_request(request, "time", TIMES, default="")
    number = page_number(request)
    since = timezone.localdate() - TIMES[time][1] if time else None
    try:
        results, too_slow = _search(text, filters, since, number), False
        authors = _author_cards(results.query) if number == 1 else []
    except query_planner.SearchTimeout:
        results, too_slow = SearchResults(search_query.parse(text)), True
        authors = []
    page = _page(results, number)
    is_narrowed = bool(filters.topics or time or request.GET.get("min_votes"))
    if not (too_slow or is_narrowed or named_papers or missing_ids or authors):
        _note_if_empty(text, results)
    Paper.objects.mark_for(results.papers, request.user)
    prepare_parts(request, results.papers)
    context = {
        "kind": "search",
        "text": text,
        "results": results,
        "slow": too_slow,
        "authors": authors,
        "named_papers": named_papers,
        "missing_ids": missing_ids,
        "page": page,
        "is_narrowed": is_narrowed,
        "examples": EXAMPLES,
        "feed_url": feed_links("search", text)["atom"],
        "subscribe": subscribe_offer(
            search=" ".join([text, *(f"topic:{slug}" for slug in filters.topics)]),
            min_votes=filters.min_votes,
        ),
        "has_samples": any(paper.is_sample for paper in results.papers),
    }
    context |= _filter_context(request, filters, time, results)
    return render(request, "papers/search.html", context, status=503 if too_slow else 200)


def _papers_named_in(text: str) -> tuple[list[Paper], list[dict[str, str]]]:
    """Papers whose ids stand in the text, to be offered; and ids that no paper here has."""
    papers, missing = [], []
    for scheme, value in pasted_ids.read(text).names:
        if paper := Paper.objects.visible().by_any_name(value):
            papers.append(paper)
        elif scheme in PAGES_ELSEWHERE:
            site, address = PAGES_ELSEWHERE[scheme]
            missing.append({"id": value, "site": site, "url": address + quote(value)})
    return papers, missing


def _note_if_empty(text: str, results: SearchResults) -> None:
    """For the admin's overview. Papers that are only near in meaning do not have the words."""
    if not results.problems and not (results.total and results.has_words):
        EmptySearch.objects.note(text, timezone.localdate())


def _author_cards(query: Query) -> list[dict[str, Any]]:
    """Authors whose name was typed, with the links to all of their papers and to a digest."""
    page = reverse("papers:author")
    return [
        {
            "name": author.name,
            "papers": author.papers,
            "url": f"{page}?{urlencode({'name': author.name})}",
            "subscribe_url": subscribe_url(author=author.name),
        }
        for author in named_authors(query)
    ]


def _search(text: str, filters: ListFilters, since: date | None, number: int) -> SearchResults:
    return run.search_papers(
        text,
        topics=filters.topics,
        since=since,
        min_votes=filters.min_votes,
        sort=filters.sort,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
        for_page=True,
    )


def _page(results: SearchResults, number: int) -> "Page[Any]":
    paginator: Paginator[Any] = Paginator(range(results.total), PAGE_SIZE)
    if number > paginator.num_pages:
        raise Http404(NO_SUCH_PAGE)
    return Page(results.papers, number, paginator)


def _filter_context(
    request: HttpRequest, filters: ListFilters, time: str, results: SearchResults
) -> dict[str, Any]:
    """What is chosen, and the other choices."""
    topics = results.topics or Topic.objects.all()  # an empty or too slow search has none
    return {
        "sort": filters.sort,
        "time": time,
        "sorts": sort_choices().items(),
        "times": [(name, label) for name, (label, _) in TIMES.items()],
        "topics": topic_links(request, topics, filters.topics, results.topic_counts),
        "chosen": filters.topics,
    }


def sort_choices() -> dict[str, str]:
    return {BEST: "Best"} | sort_labels()
