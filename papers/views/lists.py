"""The lists: by date, trending and by topic; what the address asks of them, and their pages."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import health, periods
from papers.asked import Asked
from papers.models import Paper, Topic
from papers.models.paper import PaperQuerySet
from papers.periods import Kind, Period

PAGE_SIZE = 60
LAST_PAGE = 100
STRIP_DAYS = 30


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The newest day that has papers."""
    newest = _newest_day() or timezone.localdate()
    return _period_page(request, periods.around("day", newest))


@require_safe
def to_today(request: HttpRequest) -> HttpResponse:
    return redirect("papers:today", permanent=True)


@require_safe
def day(request: HttpRequest, day: str) -> HttpResponse:
    return _named_period(request, "day", day)


@require_safe
def week(request: HttpRequest, week: str) -> HttpResponse:
    return _named_period(request, "week", week)


@require_safe
def month(request: HttpRequest, month: str) -> HttpResponse:
    return _named_period(request, "month", month)


@require_safe
def trending(request: HttpRequest) -> HttpResponse:
    return _list_page(
        request,
        Paper.objects.listed(),
        kind="trending",
        heading="Trending",
        lede="The hottest papers of all days: many votes, not long ago.",
        topics=_topics_of_last_days(),
    )


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    return render(request, "papers/topics.html", {"topics": _topics_of_last_days()})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic, slug=slug)
    return _list_page(
        request,
        Paper.objects.listed().in_topics([slug]),
        kind="topic",
        heading=topic.name,
        lede=topic.description,
        topic=topic,
        subscribe_url=f"{reverse('subscriptions:subscribe')}?{urlencode({'topic': slug})}",
    )


def _named_period(request: HttpRequest, kind: Kind, name: str) -> HttpResponse:
    try:
        period = periods.parse(kind, name)
    except ValueError as error:
        return _no_such_period(request, str(error))
    if period.first > timezone.localdate():
        return _no_such_period(request, f"{period.heading} has not come yet.")
    return _period_page(request, period)


def _no_such_period(request: HttpRequest, why: str) -> HttpResponse:
    newest = _newest_day()
    context = {"why": why, "newest": _link(periods.around("day", newest)) if newest else None}
    return render(request, "papers/no_such_day.html", context, status=404)


def _period_page(request: HttpRequest, period: Period) -> HttpResponse:
    listed = Paper.objects.listed()
    now = timezone.now()
    before = listed.filter(listed_on__lt=period.first).aggregate(day=Max("listed_on"))["day"]
    after = listed.filter(listed_on__gt=period.last).aggregate(day=Min("listed_on"))["day"]
    return _list_page(
        request,
        Paper.objects.listed(period.first, min(period.last, timezone.localdate())),
        kind=period.kind,
        desk=period.kind == "day",
        heading=period.heading,
        late=_late_line(now) if period.kind == "day" and not after else "",
        previous=_link(periods.around(period.kind, before)) if before else None,
        next=_link(periods.around(period.kind, after)) if after else None,
        topics=Topic.objects.with_counts(period.first, period.last),
        days=_strip(period.last),
        anchor=min(period.last, timezone.localdate()),
        canonical=_link(period)["url"],
    )


def _list_page(
    request: HttpRequest,
    papers: PaperQuerySet,
    *,
    desk: bool = False,
    topics: Sequence[Topic] = (),
    anchor: date | None = None,
    late: str = "",
    **context: Any,
) -> HttpResponse:
    """Whatever is listed is drawn here: filtered, sorted, cut into pages."""
    asked = Asked.of(request)
    papers = asked.among(papers)
    page = _page(request, papers.sorted(asked.sort, desk=desk).for_rows())
    papers.mark_upvoted(page.object_list, request.user)
    picks = papers.filter(featured=True).count()
    shown = {
        "previous": None,
        "next": None,
        "days": [],
        "subscribe_url": reverse("subscriptions:subscribe"),
        "canonical": request.path,
        "page": page,
        "total": page.paginator.count,
        "picks": picks,
        "sort": asked.sort,
        "topics": [
            _choice(request, topic, asked)
            for topic in topics
            if topic.count or topic.slug in asked.topics
        ],
        "any_topic_selected": bool(asked.topics),
        "clear_url": _with(request, topic=[]),
        "lede": _summary(page.paginator.count, picks, late),
        "periods": _switch(context["kind"], anchor or timezone.localdate()),
        "has_samples": any(paper.is_sample for paper in page.object_list),
    }
    return render(request, "papers/list.html", shown | context)


def _late_line(now: datetime) -> str:
    """Which sources today's papers still wait for; a minute old at the most."""
    day = timezone.localdate(now)
    line: str | None = cache.get_or_set("late", lambda: health.late_line(day, now), 60)
    return line or ""


def _summary(total: int, picks: int, late: str) -> str:
    """The line under a day's date: 48 papers · 3 picks · cs.CL has not announced yet today."""
    parts = [f"{total:,} paper{pluralize(total)}"]
    if picks:
        parts.append(f"{picks} pick{pluralize(picks)}")
    return " · ".join(filter(None, [*parts, late]))


def _page(request: HttpRequest, papers: PaperQuerySet) -> Any:
    paginator = Paginator(papers, PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("page", 1))
    except (PageNotAnInteger, EmptyPage):
        raise Http404("There is no such page of this list.") from None
    if page.number > LAST_PAGE:
        raise Http404(f"Lists end at page {LAST_PAGE}.")
    return page


def _choice(request: HttpRequest, topic: Topic, asked: Asked) -> dict[str, Any]:
    """A topic beside the list, and the address with it switched on or off."""
    selected = topic.slug in asked.topics
    others = [slug for slug in asked.topics if slug != topic.slug]
    return {
        "slug": topic.slug,
        "name": topic.name,
        "count": topic.count,
        "selected": selected,
        "url_toggle": _with(request, topic=others if selected else [*others, topic.slug]),
    }


def _with(request: HttpRequest, *, topic: list[str]) -> str:
    query = request.GET.copy()
    query.setlist("topic", topic)
    query.pop("page", None)
    return f"{request.path}?{encoded}" if (encoded := query.urlencode()) else request.path


def _switch(kind: str, anchor: date) -> list[dict[str, Any]]:
    """Day, week and month around what is shown, and trending."""
    kinds: list[tuple[Kind, str]] = [("day", "Day"), ("week", "Week"), ("month", "Month")]
    links = [
        {"label": label, "url": _link(periods.around(each, anchor))["url"], "current": each == kind}
        for each, label in kinds
    ]
    trending = {"label": "Trending", "url": reverse("papers:trending")}
    return [*links, trending | {"current": kind == "trending"}]


def _strip(last: date) -> list[dict[str, Any]]:
    """The thirty days up to this one, each with its papers, as a small drawing to jump by."""
    last = min(last, timezone.localdate())
    first = last - timedelta(days=STRIP_DAYS - 1)
    rows = Paper.objects.listed(first, last).values_list("listed_on").annotate(n=Count("pk"))
    counts = dict(rows.order_by())
    most = max(counts.values(), default=1)
    return [
        {
            "date": day,
            "count": counts.get(day, 0),
            "level": -(-4 * counts.get(day, 0) // most),
            "url": reverse("papers:day", args=[day.isoformat()]),
            "current": day == last,
        }
        for day in (first + timedelta(days=number) for number in range(STRIP_DAYS))
    ]


def _topics_of_last_days() -> list[Topic]:
    last = timezone.localdate()
    return Topic.objects.with_counts(last - timedelta(days=STRIP_DAYS - 1), last)


def _newest_day() -> date | None:
    newest: date | None = Paper.objects.listed().aggregate(day=Max("listed_on"))["day"]
    return newest


def _link(period: Period) -> dict[str, str]:
    return {"url": reverse(f"papers:{period.kind}", args=[period.name]), "label": period.short}
