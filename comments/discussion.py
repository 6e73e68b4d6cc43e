"""The discussion under a paper: pages of threads of two levels, the best first.

Threads with more upvotes stand first, among equals the older; replies keep the order of time.
/about/ranking says so too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.models import User
from comments.forms import CommentForm
from comments.models import Comment
from papers.bounded_numbers import bounded_number
from papers.models import Paper
from papers.web.filter_links import url_with

THREADS_PER_PAGE = 50
MAX_PAGES = 1_000
NO_SUCH_PAGE = "There is no such page of this discussion."
PAGE = "comments"  # the parameter of the number of the page


@dataclass(frozen=True, slots=True)
class Discussion:
    threads: list[Comment]  # first comments, each with its replies as `thread`
    form: CommentForm | None
    number: int  # of the page
    previous_url: str
    next_url: str


def prepare_discussion(request: HttpRequest, papers: Sequence[Paper]) -> None:
    """Set `request.discussion` for the template, if this is the page of a paper."""
    match = request.resolver_match
    if not settings.COMMENTS or not match or match.view_name != "papers:paper":
        return
    (paper,) = papers
    request.discussion = read_discussion(request, paper)  # type: ignore[attr-defined]


def read_discussion(request: HttpRequest, paper: Paper) -> Discussion:
    """The page that `?comments=` names; in at most two queries. Raises Http404 past the end."""
    number = _page_number(request)
    is_reader = isinstance(request.user, User)
    threads: list[Comment] = []
    if paper.comment_count or is_reader:  # who may have comments that others do not see
        threads = read_threads(paper, request.user, (number - 1) * THREADS_PER_PAGE)
    if not threads and number > 1:
        raise Http404(NO_SUCH_PAGE)
    return Discussion(
        threads[:THREADS_PER_PAGE],
        CommentForm(auto_id="comment-%s") if is_reader else None,
        number,
        _page_url(request, number - 1) if number > 1 else "",
        _page_url(request, number + 1) if len(threads) > THREADS_PER_PAGE else "",
    )


def read_threads(paper: Paper, reader: Any, start: int) -> list[Comment]:
    """The threads from this one on: those of a page, and one more if there is a next page."""
    now = timezone.now()
    firsts = Comment.objects.threads_under(paper, reader)[start : start + THREADS_PER_PAGE + 1]
    comments = list(Comment.objects.for_discussion(firsts, reader).order_by("created_at", "pk"))
    prefetch_related_objects([comment for comment in comments if comment.edited_at], "edits")
    threads = {comment.pk: comment for comment in comments if comment.parent_id is None}
    for comment in comments:
        comment.paper, comment.thread = paper, []
        comment.may_edit = comment.is_editable(reader, now)
        if comment.parent_id:
            threads[comment.parent_id].thread.append(comment)
    return sorted(threads.values(), key=lambda first: -first.votes)  # among equals the older


def path_of(comment: Comment, reader: Any) -> str:
    """Where this reader finds a comment: the address of the paper, the page, and the place on it.

    Of a thread that is not shown, the address of the whole discussion.
    """
    paper = comment.paper.get_absolute_url()
    keys = list(Comment.objects.threads_under(comment.paper, reader))
    first = comment.parent_id or comment.pk
    if first not in keys:
        return f"{paper}#comments"
    number = keys.index(first) // THREADS_PER_PAGE + 1
    page = f"?{PAGE}={number}" if number > 1 else ""
    return f"{paper}{page}#comment-{comment.pk}"


def _page_number(request: HttpRequest) -> int:
    try:
        return bounded_number(request.GET.get(PAGE) or "1", least=1, most=MAX_PAGES)
    except ValueError:
        raise Http404(NO_SUCH_PAGE) from None


def _page_url(request: HttpRequest, number: int) -> str:
    return url_with(request, **{PAGE: [str(number)] if number > 1 else []}) + "#comments"
