"""The address of one comment, which leads to where it stands in the discussion."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from comments.discussion import path_of
from comments.models import Comment, shown_to
from comments.switch import if_comments_are_on
from papers.models import Paper
from papers.web.caching import public


@if_comments_are_on
@require_safe
@public
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Also of a deleted or hidden one, whose place is kept if somebody has replied."""
    known = shown_to(request.user) | ~Q(state=Comment.State.HELD)
    comments = Comment.objects.filter(known, paper__in=Paper.objects.visible())
    comment = get_object_or_404(comments.select_related("paper"), pk=pk)
    return redirect(path_of(comment, request.user))
