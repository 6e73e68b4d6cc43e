"""The address of one comment, which leads to where it stands in the discussion."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from comments.models import Comment
from comments.switch import if_comments_are_on
from papers.models import Paper
from papers.web.caching import public


@if_comments_are_on
@require_safe
@public
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Also of a deleted or hidden one, whose place is kept if somebody has replied."""
    readable = Comment.objects.readable_by(request.user).filter(paper__in=Paper.objects.visible())
    comment = get_object_or_404(readable.select_related("paper"), pk=pk)
    return redirect(f"{comment.paper.get_absolute_url()}#comment-{comment.pk}")
