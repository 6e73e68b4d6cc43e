"""Comments on all papers, the newest first: a page, a reader's own, and feeds."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from comments.models import Comment, CommentQuerySet
from comments.switch import if_comments_are_on
from papers.feeds.responses import Feed, Item, feed_view
from papers.models import Paper
from papers.web.caching import public
from papers.web.for_readers import for_readers
from papers.web.pagination import NO_SUCH_PAGE, page_number

PAGE_SIZE = 50
MAX_ENTRIES = 100  # of a feed


@if_comments_are_on
@require_safe
@public
def newest(request: HttpRequest) -> HttpResponse:
    comments = Comment.objects.visible().newest_first()
    feed_url = reverse("comments:feed", args=["atom"])
    return _page(request, comments, "list", heading="Comments", feed=feed_url)


@if_comments_are_on
@for_readers
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    comments = Comment.objects.filter(author=request.user).exclude(state=Comment.State.DELETED)
    return _page(request, comments.newest_first(), "own", heading="Your comments")


def _page(
    request: HttpRequest, comments: CommentQuerySet, template: str, **context: object
) -> HttpResponse:
    number = page_number(request)
    page = Paginator(comments, PAGE_SIZE).get_page(number)
    if page.number != number:
        raise Http404(NO_SUCH_PAGE)
    return render(request, f"comments/{template}.html", {"page": page} | context)


@if_comments_are_on
@feed_view
def feed(request: HttpRequest) -> Feed:
    """Of all papers."""
    return Feed(
        title=f"Comments · {settings.SITE_NAME}",
        description="What readers say about papers.",
        page=reverse("comments:newest"),
        items=_items(Comment.objects.visible()),
    )


@if_comments_are_on
@feed_view
def paper_feed(request: HttpRequest, key: str) -> Feed:
    paper = Paper.objects.visible().filter(key=key).first()
    if paper is None:
        raise Http404("There is no such paper.")
    return Feed(
        title=f"Comments on {paper.title_text} · {settings.SITE_NAME}",
        description="What readers say about this paper.",
        page=paper.get_absolute_url(),
        items=_items(paper.comments.visible()),
    )


def _items(comments: CommentQuerySet) -> list[Item]:
    return [
        Item(
            path=comment.get_absolute_url(),
            title=f"{comment.author_name} on {comment.paper.title_text}",
            html=comment.html,
            published=comment.created_at,
            updated=comment.edited_at or comment.created_at,
            authors=(comment.author_name,),
        )
        for comment in comments.newest_first()[:MAX_ENTRIES]
    ]
