"""The index of topics, and the list of one topic's papers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers.models import Paper, Topic
from papers.views.list_page import render_list
from papers.web.caching import public
from papers.web.day_counts import STRIP_SPAN


@require_safe
@public
def topics(request: HttpRequest) -> HttpResponse:
    last = timezone.localdate()
    counted = Topic.objects.with_counts(last - STRIP_SPAN, last)
    return render(request, "papers/topics.html", {"topics": counted})


@require_safe
@public
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic, slug=slug)
    return render_list(
        request,
        Paper.objects.listed().in_topics([slug], [topic]),
        kind="topic",
        heading=topic.name,
        lede=topic.description,
        topic=topic,
        subscribe={"topics": [topic]},
        feed=("topic", slug),
    )
