"""The search page: one box, what it found, and what else it would understand."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import identifiers
from papers.models import Paper, Topic
from papers.search import run
from papers.search.run import Found
from papers.web.caching import public

PAGE_SIZE = 60
LAST_PAGE = 100
SORTS = {"best": "Best", "hot": "Hot", "upvotes": "Upvotes", "new": "New"}
TIMES = {"week": ("Past week", 7), "month": ("Past month", 31), "year": ("Past year", 366)}
EXAMPLES = [
    ("retrieval augmented generation", "words, and what means the same"),
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
def results(request: HttpRequest) -> HttpResponse:
    """What is asked for by name is gone to; the rest is looked for."""
    text = request.GET.get("q", "").strip()
    if paper := _named(text):
        return redirect(paper)
    topics = list(dict.fromkeys(filter(None, request.GET.getlist("topic"))))
    sort, time = _one_of(request, "sort", SORTS, "best"), _one_of(request, "time", TIMES, "")
    number = _page_number(request)
    since = timezone.localdate() - timedelta(days=TIMES[time][1]) if time else None
    try:
        found, slow = _found(text, topics, since, _min_votes(request), sort, number), False
    except run.TooSlow:
        found, slow = Found(run.parse(text)), True
    page = _page(found, number)
    Paper.objects.mark_upvoted(found.papers, request.user)
    context = {
        "kind": "search",
        "text": text,
        "found": found,
        "slow": slow,
        "named": found.query.identifier,
        "page": page,
        "sort": sort,
        "time": time,
        "sorts": SORTS.items(),
        "times": [(name, label) for name, (label, _) in TIMES.items()],
        "topics": [_choice(request.GET, topic, topics) for topic in Topic.objects.all()],
        "chosen": topics,
        "is_narrowed": bool(topics or time or request.GET.get("min_votes")),
        "examples": EXAMPLES,
        "feed_url": f"/feeds/search.atom?{urlencode({'q': text})}",
        "subscribe_url": f"{reverse('subscriptions:subscribe')}?{urlencode({'search': text})}",
        "has_samples": any(paper.is_sample for paper in found.papers),
    }
    return render(request, "papers/search.html", context, status=503 if slow else 200)


def _named(text: str) -> Paper | None:
    """The paper of this arXiv id, DOI, address or key."""
    name = identifiers.recognise(text) or (("key", text) if identifiers.is_key(text) else None)
    if name is None:
        return None
    paper = Paper.objects.visible().filter(key=text).first() or Paper.objects.known_as(*name)
    return paper if paper and paper.hidden_at is None else None


def _found(
    text: str, topics: list[str], since: Any, min_votes: int, sort: str, number: int
) -> Found:
    return run.find(
        text,
        topics=topics,
        since=since,
        min_votes=min_votes,
        sort=sort,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )


def _one_of(request: HttpRequest, name: str, known: dict[str, Any], default: str) -> str:
    value = request.GET.get(name) or default
    if value and value not in known:
        raise BadRequest(f"{name} is one of {', '.join(known)}")
    return value


def _min_votes(request: HttpRequest) -> int:
    votes = request.GET.get("min_votes") or "0"
    if not (votes.isascii() and votes.isdigit() and len(votes) < 8):
        raise BadRequest("min_votes is a number")
    return int(votes)


def _page_number(request: HttpRequest) -> int:
    page = request.GET.get("page") or "1"
    if not (page.isascii() and page.isdigit() and 1 <= int(page[:9]) <= LAST_PAGE):
        raise Http404("There is no such page of these results.")
    return int(page)


def _page(found: Found, number: int) -> "Page[Any]":
    paginator: Paginator[Any] = Paginator(range(found.total), PAGE_SIZE)
    if number > paginator.num_pages:
        raise Http404("There is no such page of these results.")
    return Page(found.papers, number, paginator)


def _choice(asked: QueryDict, topic: Topic, chosen: list[str]) -> dict[str, Any]:
    """A topic, and the address with it switched on or off."""
    selected = topic.slug in chosen
    others = [slug for slug in chosen if slug != topic.slug]
    query = asked.copy()
    query.setlist("topic", others if selected else [*others, topic.slug])
    query.pop("page", None)
    return {
        "slug": topic.slug,
        "name": topic.name,
        "selected": selected,
        "url": f"{reverse('papers:search')}?{query.urlencode()}",
    }
