"""The feeds of papers. Their order is that of listing, so that no entry moves as votes do."""

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
from papers.identifiers import fold_name
from papers.models import Paper, Topic
from papers.models.paper import PaperQuerySet
from papers.search.run import find
from papers.web.list_filters import ListFilters

DAILY_FEED_DAYS = 7  # in the feed of the daily papers
MAX_PERIOD_ENTRIES = 500  # entries; the newest of more
MAX_ENTRIES = 100  # entries of a list that has no end


@feed_view
def daily(request: HttpRequest) -> Feed:
    """Days that are over: their papers are all there, and most of their votes."""
    over = timezone.localdate() - timedelta(days=1)
    newest = Paper.objects.listed(last=over).aggregate(day=Max("listed_on"))["day"] or over
    return _feed(
        request,
        Paper.objects.listed(newest - timedelta(days=DAILY_FEED_DAYS - 1), newest),
        title="Daily papers",
        description="Every paper of the last days, once its day is over.",
        page=reverse("papers:today"),
        most=MAX_PERIOD_ENTRIES,
    )


@feed_view
def day(request: HttpRequest, name: str) -> Feed:
    return _period(request, "day", name)


@feed_view
def week(request: HttpRequest, name: str) -> Feed:
    return _period(request, "week", name)


@feed_view
def month(request: HttpRequest, name: str) -> Feed:
    return _period(request, "month", name)


@feed_view
def trending(request: HttpRequest) -> Feed:
    """Hotness says which papers are in it, but not in which order."""
    hottest = ListFilters.of(request).among(Paper.objects.listed()).sorted("hot")[:MAX_ENTRIES]
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
    name = request.GET.get("name", "").strip()
    if not name:
        raise BadRequest("Whose papers? Add ?name= to the address")
    papers = Paper.objects.visible().by_author(name)
    newest = papers.sorted("new").first()
    if newest is None:
        raise Http404(f"There is no paper here by “{name[:80]}”.")
    spelled = next((it for it in newest.authors if fold_name(it) == fold_name(name)), name)
    return _feed(
        request,
        papers,
        title=f"Papers by {spelled}",
        description=f"Every paper here by an author named {spelled}.",
        page=f"{reverse('papers:author')}?{urlencode({'name': spelled})}",
    )


@feed_view
def search(request: HttpRequest) -> Feed:
    """What holds the words, the newest first: what is merely near them would come and go."""
    text = request.GET.get("q", "").strip()
    if not text:
        raise BadRequest("What to search for? Add ?q= to the address")
    asked = _asked(request)
    found = find(
        text, topics=asked.topics, min_votes=asked.min_votes, sort="new", limit=MAX_ENTRIES
    )
    return Feed(
        title=_title(f"Search: {text[:80]}", asked),
        description=" ".join([f"Papers that the search for “{text[:80]}” finds.", *found.problems]),
        page=f"{reverse('papers:search')}?{urlencode({'q': text})}",
        items=feed_items(found.papers),
    )


def _period(request: HttpRequest, kind: periods.Kind, name: str) -> Feed:
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
        most=MAX_PERIOD_ENTRIES,
    )


def _feed(
    request: HttpRequest,
    papers: PaperQuerySet,
    *,
    title: str,
    description: str,
    page: str,
    most: int = MAX_ENTRIES,
) -> Feed:
    asked = _asked(request)
    # Never by votes: an entry keeps its place.
    found = list(asked.among(papers).sorted("new").cut(0, most + 1).for_rows())
    if len(found) > most:
        description += f" The newest {most} of them."
    return Feed(
        title=_title(title, asked),
        description=description,
        page=page,
        items=feed_items(found[:most]),
    )


def _asked(request: HttpRequest) -> ListFilters:
    asked = ListFilters.of(request)
    known = set(Topic.objects.filter(slug__in=asked.topics).values_list("slug", flat=True))
    if unknown := [slug for slug in asked.topics if slug not in known]:
        raise Http404(f"There is no topic “{unknown[0][:80]}”.")
    return asked


def _title(title: str, asked: ListFilters) -> str:
    """With what tells two feeds of one list apart in a reader: (vision or language, 5 upvotes)."""
    votes = f"{asked.min_votes} upvotes or more" if asked.min_votes else ""
    filters = ", ".join(filter(None, [" or ".join(asked.topics), votes]))
    return f"{title} · {settings.SITE_NAME}{f' ({filters})' if filters else ''}"
