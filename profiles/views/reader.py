"""`/readers/HANDLE`: what a reader shows of themselves, to everybody alike."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.linked_accounts import linked_orcid
from accounts.models import User
from comments.models import Comment
from library.models import ReadingList
from papers.models import Paper, Upvote
from profiles.models import Claim

MAX_ROWS = 50  # of each section


@require_safe
def reader(request: HttpRequest, handle: str) -> HttpResponse:
    """The same for the reader and for a stranger, so that readers see what others do."""
    reader = get_object_or_404(User, handle=handle.lower(), is_active=True)
    if handle != reader.handle:
        return redirect("profiles:reader", reader.handle)
    return render(request, "profiles/reader.html", {"reader": reader, **shown_of(reader)})


def shown_of(reader: User) -> dict[str, Any]:
    """What the switches of the profile allow; what they hide is missing."""
    shown: dict[str, Any] = {"authors": Claim.objects.of_reader(reader).accepted()}
    if reader.shows_orcid:
        shown["orcid"] = linked_orcid(reader)
    if reader.shows_submitted:
        submitted = Paper.objects.visible().filter(submitter=reader).order_by("-pk")
        shown["submitted"] = submitted[:MAX_ROWS]
    if reader.shows_lists:
        lists = ReadingList.objects.public().filter(owner=reader).with_counts()
        shown["lists"] = lists.order_by("-changed_at")[:MAX_ROWS]
    if reader.shows_comments and settings.COMMENTS:
        comments = Comment.objects.visible().filter(author=reader).select_related("paper")
        shown["comments"] = comments.newest_first()[:MAX_ROWS]
    if reader.shows_upvotes:
        votes = Upvote.objects.cast_by(reader).filter(paper__in=Paper.objects.visible())
        rows = votes.select_related("paper").order_by("-pk")[:MAX_ROWS]
        shown["upvoted"] = [vote.paper for vote in rows]
    return shown
