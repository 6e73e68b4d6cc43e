"""The page of one paper: its text, links, facts, votes, citation and similar papers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from papers import categories, citations
from papers.models import Paper, Topic
from papers.models.day_order import in_curated_order
from papers.models.sort_orders import CURATED_ORDER
from papers.search import run
from papers.sources import arxiv_html
from papers.views import exports, meta_tags
from papers.views.redirects import redirect_or_offer
from papers.web.caching import public
from papers.web.list_filters import choice_from_request
from papers.web.page_links import subscribe_url
from papers.web.page_parts import prepare_parts
from papers.web.report_form import ReportForm

MAX_VOTERS_NAMED = 24
SIMILAR_PAPERS = 8
MAX_VERSIONS_LINKED = 10
SIMILAR_SORTS = {"closeness": "closest", "new": "newest", "upvotes": "most upvoted"}
LONG_AGO = datetime.min.replace(tzinfo=UTC)  # sorts papers without a date last


@require_safe
@public
def paper(request: HttpRequest, key: str) -> HttpResponse:
    """HTML, or Markdown for a client that prefers it; redirects from other names of a paper."""
    paper = Paper.objects.visible().for_page(request.user).filter(key=key).first()
    if paper is None:
        return redirect_or_offer(request, key)
    if request.get_preferred_type(["text/html", "text/markdown"]) == "text/markdown":
        response = exports.export_response(paper, "md")
    else:
        response = render(request, "papers/paper.html", _context(request, paper))
    patch_vary_headers(response, ["Accept"])
    return response


def _context(request: HttpRequest, paper: Paper) -> dict[str, Any]:
    prepare_parts(request, [paper])
    similar_sort = choice_from_request(request, "similar", SIMILAR_SORTS, default="closeness")
    votes = paper.upvote_set.active().with_names()[:MAX_VOTERS_NAMED]
    voters = list(votes) if paper.votes else []
    return {
        "paper": paper,
        "categories": _categories(paper.categories, paper.topic_list),
        "versions": _versions(paper),
        "html_url": _html_url(paper),
        "voters": [vote.user.name for vote in voters],
        "unnamed": max(0, paper.votes - len(voters)),
        "day": _neighbours(paper),
        "follow": [(name, subscribe_url(author=name)) for name in paper.lead_authors],
        "similar": _similar(paper, similar_sort),
        "similar_order": similar_sort,
        "similar_orders": SIMILAR_SORTS.items(),
        "line": citations.line(paper.citation),
        "bibtex": citations.bibtex(paper.citation),
        "meta_tags": meta_tags.citation_tags(paper),
        "json_ld": meta_tags.json_ld(paper),
        "card_alt": meta_tags.card_alt(paper),
        "report_form": ReportForm() if request.user.is_authenticated else None,
    }


def _neighbours(paper: Paper) -> dict[str, Any]:
    """The papers before and after this one on the page of its day; its place, and of how many.

    Empty for a paper that is on no page.
    """
    day = paper.listed_on
    if day is None or day > timezone.localdate():
        return {}
    papers = Paper.objects.listed(day, day).order_by(*CURATED_ORDER)
    columns = ("key", "title_text", "listed_on", "position")
    rows = in_curated_order(papers.values_list(*columns, named=True))
    place = next((number for number, row in enumerate(rows, 1) if row.key == paper.key), 0)
    return {
        "place": place,
        "count": len(rows),
        "previous": rows[place - 2] if place > 1 else None,
        "next": rows[place] if place < len(rows) else None,
    }


def _categories(codes: Sequence[str], topics: Sequence[Topic]) -> list[dict[str, Any]]:
    """Each arXiv category with its name, and the one of these topics that covers it."""
    return [
        {
            "code": code,
            "name": categories.name(code),
            "topic": next((topic for topic in topics if topic.covers(code)), None),
        }
        for code in codes
    ]


def _versions(paper: Paper) -> list[dict[str, Any]]:
    """Links to the newest versions on arXiv, where there is more than one."""
    if not paper.arxiv_id or not paper.version or paper.version < 2:
        return []
    address = f"https://arxiv.org/abs/{paper.arxiv_id}v"
    first = max(1, paper.version - MAX_VERSIONS_LINKED + 1)
    return [{"number": n, "url": f"{address}{n}"} for n in range(first, paper.version + 1)]


def _html_url(paper: Paper) -> str:
    has_html = arxiv_html.has_html(paper.arxiv_id)
    return f"https://arxiv.org/html/{paper.arxiv_id}" if has_html else ""


def _similar(paper: Paper, sort: str) -> list[Paper]:
    """The nearest papers in meaning, in the chosen order; nearest first by default."""
    papers = run.similar(paper, SIMILAR_PAPERS)
    if sort == "new":
        papers.sort(key=lambda other: other.submitted_at or LONG_AGO, reverse=True)
    elif sort == "upvotes":
        papers.sort(key=lambda other: other.upvotes, reverse=True)
    return papers
