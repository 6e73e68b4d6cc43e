"""The discussion under a paper: threads of two levels, the best first.

Threads with more upvotes stand first, among equals the older; replies keep the order of time.
/about/ranking says so too.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from comments.forms import CommentForm
from comments.models import Comment
from papers.models import Paper


def prepare_discussion(request: HttpRequest, papers: Sequence[Paper]) -> None:
    """Set `request.discussion` for the template, if this is the page of a paper."""
    match = request.resolver_match
    if not settings.COMMENTS or not match or match.view_name != "papers:paper":
        return
    (paper,) = papers
    is_reader = isinstance(request.user, User)
    request.discussion = {  # type: ignore[attr-defined]
        "threads": read_threads(paper, request.user) if paper.comment_count or is_reader else [],
        "form": CommentForm(auto_id="comment-%s") if is_reader else None,
    }


def read_threads(paper: Paper, reader: Any) -> list[Comment]:
    """First comments, each with its replies as `thread`; without those that nobody needs."""
    now = timezone.now()
    comments = list(
        Comment.objects.under(paper, reader).prefetch_related("edits").order_by("created_at", "pk")
    )
    firsts = {comment.pk: comment for comment in comments if comment.parent_id is None}
    for comment in comments:
        comment.paper, comment.thread = paper, []
        comment.may_edit = comment.is_editable(reader, now)
    for comment in comments:
        if comment.parent_id in firsts and comment.is_shown:
            firsts[comment.parent_id].thread.append(comment)
    shown = [comment for comment in firsts.values() if comment.is_shown or comment.thread]
    return sorted(shown, key=lambda comment: -comment.votes)
