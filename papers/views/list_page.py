"""Draws a list of papers as a page, for the views of days, topics, authors and trending.

Each of those views says which papers and which heading; filters, sorting, pages and the columns
beside the list are the same for all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from papers import periods
from papers.feeds.links import feed_links
from papers.models import Paper, PaperTopic, Topic
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import SortOrder
from papers.periods import Kind, Period
from papers.web.day_counts import STRIP_DAYS, DayCounts
from papers.web.filter_links import min_votes_links, sort_links, topic_links, url_with
from papers.web.list_filters import ListFilters, last_visit
from papers.web.page_links import subscribe_offer
from papers.web.page_parts import prepare_parts
from papers.web.pagination import Page, cut_page

UNBOUNDED_KINDS = {"trending", "topic"}  # lists over all days
MAX_COUNTED = 1_000  # papers of such a list of which topics are counted
STRIP_LEVELS = 4  # heights of a day in the strip


def render_list(
    request: HttpRequest,
    papers: PaperQuerySet,
    *,
    kind: str,
    curated: bool = False,
    counts: DayCounts | None = None,
    total: int | None = None,
    last_day: date | None = None,
    feed: tuple[str, str] | None = None,
    topic: Topic | None = None,
    subscribe: dict[str, Any] | None = None,
    **context: Any,
) -> HttpResponse:
    """The page of these papers; `context` adds to what the template gets, or replaces it.

    `curated` puts picks and a curator's order first, where the reader chose no other sort.
    `last_day` is the last day shown, today by default. `feed` is kind and name of the list's feed.
    `subscribe` is what the form beside the list orders; by default the topics of the filters.
    """
    filters = ListFilters.of_page(request, kind)
    topics = list(Topic.objects.all())
    since = last_visit(request.user)
    if filters.is_fair and kind in UNBOUNDED_KINDS:
        papers = papers.in_fair_span()
    of_all_topics = filters.apply_all_but_topics(papers)
    papers = of_all_topics.in_topics(filters.topics, topics)
    papers = papers.sorted(filters.sort, curated=curated, fair=filters.is_fair)
    by_hotness = filters.sort == SortOrder.HOT and not curated and not filters.is_fair
    page = cut_page(request, papers, total=total, by_hotness=by_hotness)
    prepare_rows(request, page.object_list, topics, since)
    prepare_parts(request, page.object_list)
    if filters.is_fair:
        _set_vote_shares(page.object_list)
    last_day = last_day or timezone.localdate()
    list_context = {
        "kind": kind,
        "topic": topic,
        "page": page,
        "previous": None,
        "next": None,
        "canonical": request.path,
        "subscribe": subscribe_offer(
            **subscribe or {"topics": _chosen(topics, filters)}, min_votes=filters.min_votes
        ),
        "periods": _period_links(kind, last_day),
        "days": _day_strip(counts, last_day) if counts and counts.days else [],
        "feed": feed_links(*feed, query=dict(request.GET.lists())) if feed else None,
        "has_no_order": filters.sort == SortOrder.HOT and _are_unranked(page),
        "has_samples": any(paper.is_sample for paper in page.object_list),
        "has_more_than_counted": _has_more_than_counted(kind, page, of_all_topics),
        "max_counted": f"{MAX_COUNTED:,}",
        "new_papers": _count_new(papers, page, since),
    }
    if counts:
        topic_counts = counts.topics
    else:
        topic_counts = _topic_counts(of_all_topics.sorted(filters.sort), page, filters, but=topic)
    filter_context = _filter_context(request, filters, topics, topic_counts)
    return render(request, "papers/list.html", list_context | filter_context | context)


def prepare_rows(
    request: HttpRequest,
    papers: Sequence[Paper],
    topics: Sequence[Topic],
    since: datetime | None = None,
) -> None:
    """Set on each paper what its row shows, so that the template asks for no further query.

    The server marks what is new to a reader who is signed in. For others `site.js` does, by the
    Unix time that the row carries.
    """
    for paper in papers:
        paper.set_topics(topics)
        if request.user.is_authenticated:
            paper.is_new = bool(since and paper.shown_at > since)
        else:
            paper.shown_at_unix = f"{paper.shown_at.timestamp():.0f}"


def period_link(period: Period) -> dict[str, str]:
    return {"url": reverse(f"papers:{period.kind}", args=[period.name]), "label": period.short}


def _topic_counts(
    papers: PaperQuerySet, page: Page, filters: ListFilters, but: Topic | None
) -> dict[int, int]:
    """How many of the first papers of a list without days each topic has.

    The list of one topic counts the others that its papers are in. Where the page shows all of
    the papers, this takes no query.
    """
    counts: Mapping[int, int]
    if page.number == 1 and not page.next_url and not filters.topics:
        counts = Counter(number for paper in page.object_list for number in paper.topic_numbers)
    else:
        counts = PaperTopic.objects.of(papers.values("pk")[:MAX_COUNTED]).counts()
    return {key: count for key, count in counts.items() if but is None or key != but.pk}


def _has_more_than_counted(kind: str, page: Page, papers: PaperQuerySet) -> bool:
    """Whether topics are counted of the first papers of the list only."""
    may_have = kind in UNBOUNDED_KINDS and page.next_url
    return bool(may_have) and papers[MAX_COUNTED : MAX_COUNTED + 1].exists()


def _filter_context(
    request: HttpRequest,
    filters: ListFilters,
    topics: Sequence[Topic],
    topic_counts: Mapping[int, int],
) -> dict[str, Any]:
    """What is chosen, and the links that choose otherwise. Topics without papers are left out."""
    return {
        "sort": filters.sort,
        "orders": sort_links(request),
        "is_fair": filters.is_fair,
        "fair_url": url_with(request, fair=[] if filters.is_fair else ["1"]),
        "topics": topic_links(request, topics, filters.topics, topic_counts),
        "least": min_votes_links(request, filters),
        "any_topic_selected": bool(filters.topics),
        "min_votes": filters.min_votes,
        "is_since_visit": filters.is_since_visit,
        "clear_url": url_with(request, topic=[]),
        "all_votes_url": url_with(request, min_votes=[]),
        "since_visit_url": url_with(request, since=["visit"], sort=[]),
        "all_times_url": url_with(request, since=[]),
    }


def _chosen(topics: Sequence[Topic], filters: ListFilters) -> list[Topic]:
    """The topics of the filters, in the order of the address."""
    return [topic for slug in filters.topics for topic in topics if topic.slug == slug]


def _count_new(papers: PaperQuerySet, page: Page, since: datetime | None) -> int:
    """How many of these papers came since this moment; it takes a query where there are pages."""
    if since is None:
        return 0
    if page.next_url or page.previous_url:
        return papers.shown_after(since).count()
    return sum(paper.is_new for paper in page.object_list)


def _are_unranked(page: Page) -> bool:
    """Whether nobody has voted on the papers of a list, and nothing is expected of them either."""
    papers = page.object_list if page.number == 1 else []
    return bool(papers) and not any(paper.upvotes or paper.expected_votes for paper in papers)


def _set_vote_shares(papers: Sequence[Paper]) -> None:
    """What votes are divided by on this list, for the explanation on each row."""
    for paper in papers:
        shares = [topic.vote_share for topic in paper.topic_list]
        paper.vote_share = sum(shares) / len(shares) if shares else None


def _period_links(kind: str, day: date) -> list[dict[str, Any]]:
    """The day, week and month that hold this day, and trending."""
    kinds: list[tuple[Kind, str]] = [("day", "Day"), ("week", "Week"), ("month", "Month")]
    links = [
        {
            "label": label,
            "url": period_link(periods.around(period_kind, day))["url"],
            "current": period_kind == kind,
        }
        for period_kind, label in kinds
    ]
    trending = {"label": "Trending", "url": reverse("papers:trending")}
    return [*links, trending | {"current": kind == "trending"}]


def _day_strip(counts: DayCounts, last_day: date) -> list[dict[str, Any]]:
    """The STRIP_DAYS days up to this one with their papers: a small drawing of links."""
    days = [last_day - timedelta(days=number) for number in reversed(range(STRIP_DAYS))]
    fullest = max((counts.days.get(day, 0) for day in days), default=0) or 1
    return [
        {
            "date": day,
            "count": counts.days.get(day, 0),
            "level": -(-STRIP_LEVELS * counts.days.get(day, 0) // fullest),  # rounded up
            "url": reverse("papers:day", args=[day.isoformat()]),
            "current": day == last_day,
        }
        for day in days
    ]
