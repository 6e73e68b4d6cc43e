"""Digests on the web: the public archive, its feed, and one subscriber's digest by its link."""

from html import escape
from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers import periods
from papers.feeds.formats import FORMATS
from papers.feeds.responses import Feed, Item, feed_view
from papers.models import Paper
from papers.web.caching import public
from papers.web.page_parts import prepare_parts
from subscriptions.issues import digests
from subscriptions.issues.section import Section, periods_covered
from subscriptions.models import Delivery, Frequency, Issue
from subscriptions.sending import digest_parts
from subscriptions.views.links import invalid_token_page, token_page

ISSUES_PER_PAGE = 30
MAX_FEED_ISSUES = 20
TITLES_PER_ISSUE = 3  # in the list of the archive
PERIOD_KINDS: dict[str, periods.Kind] = {"daily": "day", "weekdays": "day", "weekly": "week"}


@require_safe
@public
def index(request: HttpRequest) -> HttpResponse:
    frequency = _frequency(request)
    try:
        pages = Paginator(Issue.objects.published(frequency), ISSUES_PER_PAGE)
        page = pages.page(request.GET.get("page", 1))
    except (PageNotAnInteger, EmptyPage):
        raise Http404("There is no such page of the archive.") from None
    papers = _papers([pk for issue in page for pk in issue.papers])
    shown = {issue: [papers[pk] for pk in issue.papers if pk in papers] for issue in page}
    rows = [
        {
            "issue": issue,
            "papers": its_papers[:TITLES_PER_ISSUE],
            "more": max(0, len(its_papers) - TITLES_PER_ISSUE),
        }
        for issue, its_papers in shown.items()
    ]
    context = {"page": page, "rows": rows, **_archive_context(frequency)}
    return render(request, "subscriptions/digests.html", context)


@require_safe
@public
def issue(request: HttpRequest, frequency: str, period: str) -> HttpResponse:
    if frequency not in PERIOD_KINDS:
        raise Http404("A digest is daily, on weekdays or weekly.")
    published = Issue.objects.published(frequency)
    try:
        days = periods.parse(PERIOD_KINDS[frequency], period)
    except ValueError as error:
        return _no_such_issue(request, frequency, str(error))
    issue = published.filter(period=days.name).first()
    if issue is None:
        return _no_such_issue(request, frequency, f"None was sent for {days.heading}.")
    papers = _papers(issue.papers)
    section = Section("", [papers[pk] for pk in issue.papers if pk in papers])
    context = {
        "issue": issue,
        "previous": published.filter(first_day__lt=issue.first_day).first(),
        "next": published.filter(first_day__gt=issue.first_day).last(),
        **_archive_context(frequency),
    }
    return _digest(request, days, [section], context)


@token_page
def view(request: HttpRequest, token: str) -> HttpResponse:
    """“View in browser”: shows neither the address nor a link to the preferences.

    Nor what the reader did with other papers, as the link may be forwarded.
    """
    delivery = Delivery.objects.by_token(token)
    if delivery is None:
        return invalid_token_page(request)
    sections = digests.kept_sections(delivery)
    response = _digest(request, delivery.issue.days, sections, {"is_personal": True})
    # Papers can be voted for here, and the CSRF check of a vote needs a referrer.
    response["Referrer-Policy"] = "same-origin"
    return response


@feed_view
def feed(request: HttpRequest) -> Feed:
    """An entry for each issue of `?frequency=`, by default daily."""
    frequency = _frequency(request)
    issues = list(Issue.objects.published(frequency)[:MAX_FEED_ISSUES])
    papers = _papers([pk for issue in issues for pk in issue.papers])
    return Feed(
        title=f"{_name(frequency)} · {settings.SITE_NAME}",
        description="What goes to all who subscribed to everything.",
        page=reverse("subscriptions:digests"),
        items=[
            _item(issue, [papers[pk] for pk in issue.papers if pk in papers]) for issue in issues
        ],
    )


def _digest(
    request: HttpRequest, days: periods.Period, sections: list[Section], context: dict[str, Any]
) -> HttpResponse:
    papers = [paper for section in sections for paper in section.papers]
    Paper.objects.all().mark_for(papers, request.user)
    prepare_parts(request, papers)
    covered = [
        {"url": reverse(f"papers:{period.kind}", args=[period.name]), "short": period.short}
        for period in periods_covered(sections, days.kind)
    ]
    context |= {
        "heading": days.heading,
        "sections": sections,
        "total": len(papers),
        "covered": covered,
    }
    return render(request, "subscriptions/issue.html", context)


def _no_such_issue(request: HttpRequest, frequency: str, why: str) -> HttpResponse:
    newest = Issue.objects.published(frequency).first()
    context = {"why": why, "newest": newest}
    return render(request, "subscriptions/no_such_issue.html", context, status=404)


def _frequency(request: HttpRequest) -> str:
    frequency = request.GET.get("frequency", Frequency.DAILY.value)
    if frequency not in PERIOD_KINDS:
        raise Http404("A digest is daily, on weekdays or weekly.")
    return frequency


def _archive_context(frequency: str) -> dict[str, Any]:
    """Template context of all archive pages: the feed, and links to the other frequencies."""
    feeds = {form: reverse("subscriptions:feed", kwargs={"form": form}) for form in FORMATS}
    if frequency != Frequency.DAILY:
        feeds = {form: f"{url}?frequency={frequency}" for form, url in feeds.items()}
    return {
        "frequency": frequency,
        "frequencies": [(each, _name(each)) for each in PERIOD_KINDS],
        "feed": feeds | {"title": _name(frequency)},
    }


def _name(frequency: str) -> str:
    names = {"daily": "Daily digests", "weekdays": "Weekday digests", "weekly": "Weekly digests"}
    return names[frequency]


def _papers(ids: list[int]) -> dict[int, Paper]:
    return Paper.objects.visible().filter(is_sample=False).for_rows().in_bulk(ids)


def _item(issue: Issue, papers: list[Paper]) -> Item:
    published = issue.published_at or timezone.now()
    return Item(
        path=issue.get_absolute_url(),
        title=digest_parts.subject([Section("", papers)], issue.days),
        html=f"<ol>{''.join(map(_row, papers))}</ol>",
        published=published,
        updated=published,
    )


def _row(paper: Paper) -> str:
    url = settings.SITE_URL + paper.get_absolute_url()
    authors = escape(", ".join(paper.lead_authors))
    return f'<li><a href="{url}">{escape(paper.title_text)}</a><br>{authors}</li>'
