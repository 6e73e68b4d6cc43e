"""The page of a paper: all that is known of it, who upvoted it, and what is like it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from papers import categories, citations
from papers.models import Paper, Topic
from papers.search import run
from papers.views import exports, meta_tags
from papers.views.redirects import redirect_to_paper
from papers.web.caching import public

NAMED_VOTERS = 24
SIMILAR = 8
SIMILAR_ORDERS = {"closeness": "closest", "new": "newest", "upvotes": "most upvoted"}
OLDEST = datetime.min.replace(tzinfo=UTC)
FIRST_HTML = "2312"  # arXiv makes HTML of what was submitted from December 2023 on


@require_safe
@public
def paper(request: HttpRequest, key: str) -> HttpResponse:
    paper = Paper.objects.visible().for_page().filter(key=key).first()
    if paper is None:
        return redirect_to_paper(key)
    if request.get_preferred_type(["text/html", "text/markdown"]) == "text/markdown":
        response = exports.in_form(paper, "md")
    else:
        response = render(request, "papers/paper.html", _shown(request, paper))
    patch_vary_headers(response, ["Accept"])
    return response


def _shown(request: HttpRequest, paper: Paper) -> dict[str, Any]:
    Paper.objects.mark_upvoted([paper], request.user)
    order = request.GET.get("similar", "closeness")
    if order not in SIMILAR_ORDERS:
        raise BadRequest(f"similar is one of {', '.join(SIMILAR_ORDERS)}")
    voters = list(paper.upvote_set.standing().named()[:NAMED_VOTERS])
    return {
        "paper": paper,
        "categories": _categories(paper.categories, paper.topic_list),
        "versions": _versions(paper),
        "html_url": _html_url(paper),
        "voters": [vote.user.name for vote in voters],
        "unnamed": max(0, paper.votes - len(voters)),
        "similar": _similar(paper, order),
        "similar_order": order,
        "similar_orders": SIMILAR_ORDERS.items(),
        "line": citations.line(paper.citation),
        "bibtex": citations.bibtex(paper.citation),
        "meta_tags": meta_tags.tags(paper),
        "json_ld": meta_tags.json_ld(paper),
        "card_alt": meta_tags.card_alt(paper),
    }


def _categories(codes: Sequence[str], topics: Sequence[Topic]) -> list[dict[str, Any]]:
    """Each with its name in words, and the topic of this paper that covers it, if one does."""
    return [
        {
            "code": code,
            "name": categories.name(code),
            "topic": next((topic for topic in topics if topic.covers(code)), None),
        }
        for code in codes
    ]


def _versions(paper: Paper) -> list[dict[str, Any]]:
    """Links to what arXiv keeps of each version, where there was more than one."""
    if not paper.arxiv_id or not paper.version or paper.version < 2:
        return []
    address = f"https://arxiv.org/abs/{paper.arxiv_id}v"
    first = max(1, paper.version - 9)
    return [{"number": n, "url": f"{address}{n}"} for n in range(first, paper.version + 1)]


def _html_url(paper: Paper) -> str:
    has_html = paper.arxiv_id >= FIRST_HTML and "/" not in paper.arxiv_id
    return f"https://arxiv.org/html/{paper.arxiv_id}" if paper.arxiv_id and has_html else ""


def _similar(paper: Paper, order: str) -> list[Paper]:
    found = run.similar(paper, SIMILAR)
    if order == "new":
        found.sort(key=lambda it: it.submitted_at or OLDEST, reverse=True)
    elif order == "upvotes":
        found.sort(key=lambda it: it.upvotes, reverse=True)
    return found
