"""The page *For you*: the papers of the last days that fit a reader's interests best, and why."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from accounts.models import User
from interests.for_you import newest_papers, suggest, unknown_to
from interests.forms import InterestForm
from interests.models import Interest
from papers.models import Paper, PaperTopic, Topic
from papers.models.paper_queries import PaperQuerySet
from papers.views.list_page import prepare_rows
from papers.web.for_readers import for_readers
from papers.web.page_parts import prepare_parts

MAX_PAPERS = 60


@for_readers
@require_safe
def for_you(request: HttpRequest) -> HttpResponse:
    """`?interest=` shows the papers of one interest only."""
    assert isinstance(request.user, User)
    interests = list(Interest.objects.of_reader(request.user).for_ranking())
    chosen = _chosen(request, interests)
    suggestions = suggest(
        [chosen] if chosen else interests,
        unknown_to(request.user, newest_papers()),
        _with_topics(Paper.objects.for_list(request.user)),
        MAX_PAPERS,
    )
    papers = [suggestion.paper for suggestion in suggestions]
    prepare_rows(request, papers, _topics_of(papers))
    prepare_parts(request, papers)
    for suggestion in suggestions:
        why = {"suggestion": suggestion, "has_others": len(interests) > 1}
        if not suggestion.paper.is_folded:
            suggestion.paper.why_shown = render_to_string("interests/_why.html", why, request)
    context = {
        "interests": interests,
        "chosen": chosen,
        "papers": papers,
        "is_learning": any(one.is_waiting and not one.can_rank for one in interests),
        "form": None if interests else InterestForm(request.user),
    }
    return render(request, "interests/for_you.html", context)


def _with_topics(papers: PaperQuerySet) -> PaperQuerySet:
    """With `row_topics` in the same query, as the page takes as many others as it may."""
    topics = PaperTopic.objects.assigned().filter(paper=OuterRef("pk"))
    values = {name: F(f"topic__{name}") for name in ("id", "slug", "name", "position")}
    row_topics: Any = ArraySubquery(topics.values(topic_values=JSONObject(**values)))
    return papers.annotate(row_topics=row_topics)


def _topics_of(papers: Iterable[Any]) -> list[Topic]:
    """In their order."""
    values = {topic["id"]: topic for paper in papers for topic in paper.row_topics}
    return sorted(
        (Topic(**topic) for topic in values.values()),
        key=lambda topic: (topic.position, topic.name),
    )


def _chosen(request: HttpRequest, interests: list[Interest]) -> Interest | None:
    """Raises Http404 for an interest that is not this reader's."""
    if not (wanted := request.GET.get("interest", "")):
        return None
    for interest in interests:
        if str(interest.pk) == wanted:
            return interest
    raise Http404("You have no such interest.")
