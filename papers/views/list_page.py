"""A list of papers as a page: filtered and sorted as its address asks, and cut into pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from papers import feeds, periods
from papers.models import Paper, Topic
from papers.models.paper import PaperQuerySet
from papers.periods import Kind, Period
from papers.web.day_counts import STRIP_DAYS, DayCounts
from papers.web.list_filters import ListFilters

PAGE_SIZE = 60
LAST_PAGE = 100
LEAST_VOTES = (3, 10, 30)  # offered as filters; an address may ask for any
ORDER_NAMES = {"hot": "Hot", "upvotes": "Upvotes", "new": "New"}


@dataclass(frozen=True, slots=True)
class Page:
    """Sixty papers of a list, and the ways on from here."""

    object_list: list[Paper]
    number: int
    total: int | None  # None where counting them would take longer than showing them
    next_url: str
    previous_url: str

    @property
    def pages(self) -> int:
        return min(LAST_PAGE, -(-(self.total or 0) // PAGE_SIZE))


def list_page(
    request: HttpRequest,
    papers: PaperQuerySet,
    *,
    kind: str,
    desk: bool = False,
    around: DayCounts | None = None,
    total: int | None = None,
    anchor: date | None = None,
    feed: tuple[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    """Whatever is listed is drawn here."""
    asked = ListFilters.of(request)
    topics = list(Topic.objects.all())
    papers = asked.among(papers, topics).sorted(asked.sort, desk=desk)
    page = _page(request, papers, total, by_hotness=asked.sort == "hot" and not desk)
    _complete(request, page.object_list, topics)
    counts = around.topics if around else {}
    last = anchor or timezone.localdate()
    shown = {
        "previous": None,
        "next": None,
        "subscribe_url": _subscribe_url(asked),
        "canonical": request.path,
        "kind": kind,
        "page": page,
        "sort": asked.sort,
        "orders": [
            {"name": name, "label": label, "url": _with(request, sort=[name])}
            for name, label in ORDER_NAMES.items()
        ],
        "topics": [
            _choice(request, topic, asked, counts.get(topic.slug, 0))
            for topic in topics
            if around and (counts.get(topic.slug) or topic.slug in asked.topics)
        ],
        "least": [_least(request, votes, asked) for votes in _offered(asked)],
        "any_topic_selected": bool(asked.topics),
        "min_votes": asked.min_votes,
        "clear_url": _with(request, topic=[]),
        "all_votes_url": _with(request, min_votes=[]),
        "periods": _switch(kind, last),
        "days": _strip(around, last) if around and around.days else [],
        "feed": feeds.links(*feed, query=dict(request.GET.lists())) if feed else None,
        "has_samples": any(paper.is_sample for paper in page.object_list),
    }
    return render(request, "papers/list.html", shown | context)


def _subscribe_url(asked: ListFilters) -> str:
    """With what the list is filtered by, for the form to propose."""
    votes = [("min_votes", str(asked.min_votes))] if asked.min_votes else []
    query = urlencode([*(("topic", slug) for slug in asked.topics), *votes])
    return reverse("subscriptions:subscribe") + (f"?{query}" if query else "")


def _page(request: HttpRequest, papers: PaperQuerySet, total: int | None, by_hotness: bool) -> Page:
    asked = request.GET.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= LAST_PAGE):
        raise Http404("There is no such page of this list.")
    number = int(asked)
    after = _after(request) if by_hotness else None
    if after:
        rows = papers.colder_than(*after).cut(0, PAGE_SIZE + 1)
    else:
        rows = papers.cut((number - 1) * PAGE_SIZE, PAGE_SIZE + 1)
    found = list(rows.for_list(request.user))
    if not found and number > 1:
        raise Http404("There is no such page of this list.")
    more, found = len(found) > PAGE_SIZE and number < LAST_PAGE, found[:PAGE_SIZE]
    beyond = [f"{found[-1].hotness!r} {found[-1].key}"] if more and by_hotness else []
    return Page(
        found,
        number,
        total,
        _with(request, page=[str(number + 1)], after=beyond) if more else "",
        _with(request, page=[str(number - 1)] if number > 2 else []) if number > 1 else "",
    )


def _after(request: HttpRequest) -> tuple[float, str] | None:
    """The last paper of the page before, `7201.5 2502.03793`: a list goes on from there, however
    it has moved since."""
    hotness, _, key = request.GET.get("after", "").partition(" ")
    if not hotness:
        return None
    try:
        found = float(hotness), key
    except ValueError:
        found = math.nan, key
    if not (math.isfinite(found[0]) and 0 < len(key) < 100):
        raise BadRequest("after is what the link to the next page says")
    return found


def _complete(request: HttpRequest, papers: Sequence[Paper], topics: Sequence[Topic]) -> None:
    """What a row needs to be drawn without asking the database again."""
    reader, since = request.user, None
    if reader.is_authenticated:
        reader.visit(timezone.now())
        since = reader.previous_visit_at
    for paper in papers:
        paper.topic_list = [topic for topic in topics if topic.pk in paper.topic_numbers]
        if reader.is_authenticated:
            paper.is_new = bool(since and paper.shown_at > since)
        else:
            paper.seconds = f"{paper.shown_at.timestamp():.0f}"


# --- Links: each is this address with one thing changed ---


def _with(request: HttpRequest, **changed: list[str]) -> str:
    """This list from its first page on, with these parameters instead."""
    query = request.GET.copy()
    on_the_first: dict[str, list[str]] = {"page": [], "after": []}
    for name, values in (on_the_first | changed).items():
        if values:
            query.setlist(name, values)
        else:
            query.pop(name, None)
    return f"{request.path}?{encoded}" if (encoded := query.urlencode()) else request.path


def _choice(request: HttpRequest, topic: Topic, asked: ListFilters, count: int) -> dict[str, Any]:
    """A topic beside the list, and the address with it switched on or off."""
    selected = topic.slug in asked.topics
    others = [slug for slug in asked.topics if slug != topic.slug]
    return {
        "slug": topic.slug,
        "name": topic.name,
        "count": count,
        "selected": selected,
        "url_toggle": _with(request, topic=others if selected else [*others, topic.slug]),
    }


def _offered(asked: ListFilters) -> list[int]:
    return sorted({*LEAST_VOTES, asked.min_votes} - {0})


def _least(request: HttpRequest, votes: int, asked: ListFilters) -> dict[str, Any]:
    selected = votes == asked.min_votes
    return {
        "votes": votes,
        "selected": selected,
        "url_toggle": _with(request, min_votes=[] if selected else [str(votes)]),
    }


def _switch(kind: str, anchor: date) -> list[dict[str, Any]]:
    """Day, week and month around what is shown, and trending."""
    kinds: list[tuple[Kind, str]] = [("day", "Day"), ("week", "Week"), ("month", "Month")]
    links = [
        {
            "label": label,
            "url": period_link(periods.around(each, anchor))["url"],
            "current": each == kind,
        }
        for each, label in kinds
    ]
    trending = {"label": "Trending", "url": reverse("papers:trending")}
    return [*links, trending | {"current": kind == "trending"}]


def _strip(around: DayCounts, last: date) -> list[dict[str, Any]]:
    """The thirty days up to this one, each with its papers, as a small drawing to jump by."""
    days = [last - timedelta(days=number) for number in reversed(range(STRIP_DAYS))]
    most = max((around.days.get(day, 0) for day in days), default=0) or 1
    return [
        {
            "date": day,
            "count": around.days.get(day, 0),
            "level": -(-4 * around.days.get(day, 0) // most),
            "url": reverse("papers:day", args=[day.isoformat()]),
            "current": day == last,
        }
        for day in days
    ]


def period_link(period: Period) -> dict[str, str]:
    return {"url": reverse(f"papers:{period.kind}", args=[period.name]), "label": period.short}
