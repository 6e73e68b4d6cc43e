"""The papers of what a reader follows: one page, and one feed at a secret address."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from following.choices import choices_of
from following.followed import papers_followed, reasons
from following.models import Follow, Mute
from following.muted import muted
from papers.feeds.responses import Feed, feed_items
from papers.models import Topic
from papers.views.list_page import prepare_rows
from papers.web.for_readers import for_readers
from papers.web.page_parts import prepare_parts
from papers.web.pagination import cut_page

SHOWN_FOR = timedelta(days=90)  # then a paper leaves the page
MAX_ENTRIES = 100  # of the feed


@for_readers
@require_safe
def followed_papers(request: HttpRequest) -> HttpResponse:
    follows = choices_of(request).follows
    papers = papers_followed(follows, timezone.now() - SHOWN_FOR)
    page = cut_page(request, papers, total=None, by_hotness=False)
    prepare_rows(request, page.object_list, list(Topic.objects.all()))
    prepare_parts(request, page.object_list)
    because = reasons(follows, page.object_list)
    for paper in page.object_list:
        if not paper.is_folded:
            paper.why_shown = ". ".join(follow.reason for follow in because.get(paper.pk, []))
    context = {"page": page, "follows": follows, "days": SHOWN_FOR.days}
    return render(request, "following/papers.html", context)


def followed_feed(reader: User) -> Feed:
    """Without what the reader muted; its description says how many papers that leaves out."""
    follows = list(Follow.objects.of_reader(reader))
    found = papers_followed(follows, timezone.now() - SHOWN_FOR)
    papers = list(found.limited(0, MAX_ENTRIES).for_rows())
    left_out = muted(list(Mute.objects.of_reader(reader)), papers)
    description = "The papers of what you follow."
    if left_out:
        description += f" {len(left_out)} muted."
    return Feed(
        title=f"Followed papers · {settings.SITE_NAME}",
        description=description,
        page=reverse("following:papers"),
        items=feed_items(paper for paper in papers if paper.pk not in left_out),
    )
