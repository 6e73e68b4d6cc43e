"""The discussion under a paper: pages of threads of two levels, the best first.

Threads with more upvotes stand first, among equals the older; replies keep the order of time.
/about/ranking says so too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.models import User
from comments.forms import CommentForm
from comments.models import Comment, shown_to
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
    """The page that `?comments=` names; in at most three queries. Raises Http404 past the end."""
    number = _page_number(request)
    start = (number - 1) * THREADS_PER_PAGE
    is_reader = isinstance(request.user, User)
    keys: list[int] = []
    if paper.comment_count or is_reader:  # who may have comments that others do not see
        threads = Comment.objects.threads_under(paper, request.user)
        keys = list(threads[start : start + THREADS_PER_PAGE + 1])
    if not keys and number > 1:
        raise Http404(NO_SUCH_PAGE)
    return Discussion(
        read_threads(keys[:THREADS_PER_PAGE], paper, request.user),
        CommentForm(auto_id="comment-%s") if is_reader else None,
        number,
        _page_url(request, number - 1) if number > 1 else "",
        _page_url(request, number + 1) if len(keys) > THREADS_PER_PAGE else "",
    )


def read_threads(keys: list[int], paper: Paper, reader: Any) -> list[Comment]:
    """The threads of the first comments with these primary keys, in this order."""
    if not keys:
        return []
    now = timezone.now()
    threads: dict[int, Comment] = {}
    replies = Q(parent__in=keys) & shown_to(reader)
    rows = Comment.objects.filter(Q(pk__in=keys) | replies).for_discussion(reader)
    comments = list(rows.order_by("created_at", "pk"))
    prefetch_related_objects([it for it in comments if it.edited_at], "edits")
    for comment in comments:
        comment.paper, comment.thread = paper, []
        comment.may_edit = comment.is_editable(reader, now)
        threads[comment.pk] = comment
    for comment in comments:
        if comment.parent_id:
            threads[comment.parent_id].thread.append(comment)
    return [threads[key] for key in keys if key in threads]


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
