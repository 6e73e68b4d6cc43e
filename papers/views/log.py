"""The open log: what curators did, when and why."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from papers.bounded_numbers import bounded_number
from papers.feeds.links import feed_links
from papers.models import CuratorAction, Paper
from papers.web import open_log
from papers.web.caching import public
from papers.web.filter_links import url_with
from papers.web.list_filters import choice_from_request

PAGE_SIZE = 60  # entries
KINDS = {
    "": "All",
    CuratorAction.About.PAPER.value: "Papers",
    CuratorAction.About.TOPIC.value: "Topics",
    CuratorAction.About.VOTE.value: "Votes",
    CuratorAction.About.SOURCE.value: "Sources",
    CuratorAction.About.READING_LIST.value: "Lists",
}
KINDS_WITH_COMMENTS = KINDS | {CuratorAction.About.COMMENT.value: "Comments"}


@require_safe
@public
def log(request: HttpRequest) -> HttpResponse:
    """`?about=` one kind, `?paper=` one paper, `?before=` the number of an entry: older ones."""
    choices = KINDS_WITH_COMMENTS if settings.COMMENTS else KINDS
    about = choice_from_request(request, "about", choices, default="")
    paper = _paper(request)
    before = _before(request)
    entries = open_log.read(PAGE_SIZE + 1, about=about, paper=paper, before=before)
    shown = entries[:PAGE_SIZE]
    context = {
        "entries": shown,
        "older_url": url_with(request, before=[str(shown[-1].pk)])
        if len(entries) > PAGE_SIZE
        else "",
        "newest_url": url_with(request, before=[]) if before is not None else "",
        "kinds": [
            (label, url_with(request, before=[], about=[kind] if kind else []), kind == about)
            for kind, label in choices.items()
        ],
        "paper": paper,
        "feed": feed_links("log"),
    }
    return render(request, "papers/log.html", context)


def _paper(request: HttpRequest) -> Paper | None:
    key = request.GET.get("paper", "")
    if not key:
        return None
    paper = Paper.objects.visible().filter(key=key).first()
    if paper is None:
        raise Http404("There is no such paper here.")
    return paper


def _before(request: HttpRequest) -> int | None:
    try:
        return bounded_number(text) if (text := request.GET.get("before", "")) else None
    except ValueError:
        raise Http404("There is no such page of the log.") from None
