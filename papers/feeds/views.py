"""The feeds of papers: daily, day, week, month, trending, topic, author and search.

Those of weeks and months stand by upvotes and say how many. In all others entries are sorted by the
day of listing: an entry keeps its place, and a vote makes no reader's program load the feed again.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import Max
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from papers import periods
from papers.feeds.responses import Feed, feed_items, feed_view
from papers.models import Paper, Topic
from papers.models.day_order import in_curated_order
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import SortOrder, default_feed_sort
from papers.search.run import search_papers
from papers.web.list_filters import ListFilters, require_topics

DAILY_FEED_DAYS = 7
MAX_PERIOD_ENTRIES = 500  # of the feeds of days, weeks and months, and the daily one
MAX_ENTRIES = 100  # of all other feeds
FIRST_ENTRIES = {SortOrder.NEW: "newest", SortOrder.UPVOTES: "most upvoted"}
MAX_NAME_CHARS = 80  # of a reader's text in a title or an error


@feed_view
def daily(request: HttpRequest) -> Feed:
    """The last days that are over: their papers are all there, and most of their votes."""
    yesterday = timezone.localdate() - timedelta(days=1)
    listed = Paper.objects.listed(last=yesterday)
    newest = listed.aggregate(day=Max("listed_on"))["day"] or yesterday
    return _feed(
        request,
        Paper.objects.listed(newest - timedelta(days=DAILY_FEED_DAYS - 1), newest),
        title="Daily papers",
        description="Every paper of the last days, once its day is over.",
        page=reverse("papers:today"),
        max_entries=MAX_PERIOD_ENTRIES,
        of_days=True,
    )


@feed_view
def day(request: HttpRequest, name: str) -> Feed:
    return _period_feed(request, "day", name)


@feed_view
def week(request: HttpRequest, name: str) -> Feed:
    return _period_feed(request, "week", name)


@feed_view
def month(request: HttpRequest, name: str) -> Feed:
    return _period_feed(request, "month", name)


@feed_view
def trending(request: HttpRequest) -> Feed:
    """Hotness says which papers are in it, but not in which order."""
    filters = ListFilters.from_request(request)
    listed = filters.apply(Paper.objects.listed())
    if filters.is_fair:
        listed = listed.in_fair_span()
    hottest = listed.sorted(SortOrder.HOT, fair=filters.is_fair)[:MAX_ENTRIES]
    return _feed(
        request,
        Paper.objects.filter(pk__in=list(hottest.values_list("pk", flat=True))),
        title="Trending papers",
        description=f"The {MAX_ENTRIES} hottest papers, each once it has become one of them.",
        page=reverse("papers:trending"),
    )


@feed_view
def topic(request: HttpRequest, name: str) -> Feed:
    topic = Topic.objects.filter(slug=name).first()
    if topic is None:
        raise Http404(f"There is no topic “{name}”.")
    return _feed(
        request,
        Paper.objects.listed().in_topics([name]),
        title=topic.name,
        description=topic.description or f"Papers on {topic.name}.",
        page=topic.get_absolute_url(),
    )


@feed_view
def author(request: HttpRequest) -> Feed:
    """The title spells the name as the newest paper does."""
    name = request.GET.get("name", "").strip()
    if not name:
        raise BadRequest("Whose papers? Add ?name= to the address")
    papers = Paper.objects.visible().by_author(name)
    newest = papers.sorted(SortOrder.NEW).first()
    if newest is None:
        raise Http404(f"There is no paper here by “{name[:MAX_NAME_CHARS]}”.")
    spelling = newest.spelling_of(name)
    return _feed(
        request,
        papers,
        title=f"Papers by {spelling}",
        description=f"Every paper here by an author named {spelling}.",
        page=f"{reverse('papers:author')}?{urlencode({'name': spelling})}",
    )


@feed_view
def search(request: HttpRequest) -> Feed:
    """Papers that hold the words; those merely near in meaning would come and go.

    A date is the feed of that day, week or month, as the search box leads to its page.
    """
    text = request.GET.get("q", "").strip()
    if not text:
        raise BadRequest("What to search for? Add ?q= to the address")
    if period := periods.read(text):
        return _period_feed(request, period.kind, period.name)
    filters, _ = _checked_filters(request)
    results = search_papers(
        text,
        topics=filters.topics,
        min_votes=filters.min_votes,
        sort="new",
        limit=MAX_ENTRIES,
    )
    short = text[:MAX_NAME_CHARS]
    return Feed(
        title=_title(f"Search: {short}", filters),
        description=" ".join([f"Papers that the search for “{short}” finds.", *results.problems]),
        page=f"{reverse('papers:search')}?{urlencode({'q': text})}",
        items=feed_items(results.papers),
    )


def _period_feed(request: HttpRequest, kind: periods.Kind, name: str) -> Feed:
    try:
        period = periods.parse(kind, name)
    except ValueError as error:
        raise Http404(str(error)) from None
    if period.first > timezone.localdate():
        raise Http404(f"{period.heading} has not come yet.")
    return _feed(
        request,
        Paper.objects.listed(period.first, min(period.last, timezone.localdate())),
        title=period.heading,
        description=f"The papers of {period.heading}.",
        page=reverse(f"papers:{kind}", args=[period.name]),
        sort=default_feed_sort(kind),
        max_entries=MAX_PERIOD_ENTRIES,
        of_days=kind == "day",
    )


def _feed(
    request: HttpRequest,
    papers: PaperQuerySet,
    *,
    title: str,
    description: str,
    page: str,
    sort: SortOrder = SortOrder.NEW,
    max_entries: int = MAX_ENTRIES,
    of_days: bool = False,
) -> Feed:
    """The first of these papers that pass the request's filters; `page` shows the same list.

    `of_days`: each paper with a position stands at that place among those of its day.
    """
    filters, topics = _checked_filters(request)
    filtered = filters.apply(papers, topics)
    rows = list(filtered.sorted(sort).limited(0, max_entries + 1).for_rows())
    if of_days:
        rows = in_curated_order(rows)
    if len(rows) > max_entries:
        description += f" The {FIRST_ENTRIES[sort]} {max_entries} of them."
    return Feed(
        title=_title(title, filters),
        description=description,
        page=page,
        items=feed_items(rows[:max_entries], with_votes=sort == SortOrder.UPVOTES),
    )


def _checked_filters(request: HttpRequest) -> tuple[ListFilters, list[Topic]]:
    """The filters and their topics.

    Raises Http404 for a topic that does not exist: a feed without it would stay empty.
    """
    filters = ListFilters.from_request(request)
    return filters, require_topics(filters.topics)


def _title(title: str, filters: ListFilters) -> str:
    """With the filters, which tell two feeds of one list apart: (vision or language, 5 upvotes)."""
    votes = f"{filters.min_votes} upvotes or more" if filters.min_votes else ""
    fair = "fair to small topics" if filters.is_fair else ""
    words = ", ".join(filter(None, [" or ".join(filters.topics), votes, fair]))
    return f"{title} · {settings.SITE_NAME}{f' ({words})' if words else ''}"
