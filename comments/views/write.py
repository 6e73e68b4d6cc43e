"""What a reader does with comments: write, edit, delete, upvote, report."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from comments import posting
from comments.forms import CommentForm, EditForm, ReportForm
from comments.models import Comment, CommentVote
from comments.posting import Refused
from comments.switch import if_comments_are_on
from papers.models import Paper
from papers.web.for_readers import for_readers

HELD = "Thank you. The editors read the first comment of a new account before others see it."
HELD_AGAIN = "Thank you. The editors read what you changed before others see it."
THANKS = "Thank you. The editors will look at this comment."
REPORTED_BEFORE = "You have reported this comment already; the editors have not decided yet."
READ_OR_WRITE = ["GET", "HEAD", "POST"]


@if_comments_are_on
@for_readers
@require_http_methods(READ_OR_WRITE)
def comments(request: HttpRequest, key: str) -> HttpResponse:
    """POST writes a comment, also by the key of a merged paper; GET leads to the discussion."""
    paper = Paper.objects.visible().by_any_name(key)
    if paper is None:
        raise Http404("There is no such paper.")
    if request.method != "POST":
        return redirect(f"{paper.get_absolute_url()}#comments")
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            comment = posting.post(paper, _reader(request), now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if comment.state == Comment.State.HELD:
                messages.info(request, HELD)
            return redirect(comment.get_absolute_url())
    return _form_page(request, form, paper, "Not sent yet", "Comment")


@if_comments_are_on
@for_readers
@require_http_methods(READ_OR_WRITE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _own_comment(request, pk)
    if not comment.is_editable(request.user, timezone.now()) and request.method != "POST":
        messages.error(request, posting.TOO_LATE)
        return redirect(comment.get_absolute_url())
    form = EditForm(request.POST or None, initial={"text": comment.text})
    if request.method == "POST" and form.is_valid():
        try:
            edited = posting.edit(comment, form.cleaned_data["text"], timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if edited.state == Comment.State.HELD:
                messages.info(request, HELD_AGAIN)
            return redirect(edited)
    return _form_page(request, form, comment.paper, "Edit your comment", "Save")


@if_comments_are_on
@for_readers
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _own_comment(request, pk)
    comment.delete_text()
    messages.info(request, "Your comment is deleted.")
    return redirect(f"{comment.paper.get_absolute_url()}#comments")


@if_comments_are_on
@for_readers
@require_POST
def upvote(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _visible_comment(pk)
    if comment.author_id != request.user.pk:  # an own comment is not lifted by its author
        CommentVote.objects.get_or_create(comment=comment, user=_reader(request))
    return redirect(comment.get_absolute_url())


@if_comments_are_on
@for_readers
@require_POST
def unvote(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _visible_comment(pk)
    CommentVote.objects.filter(comment=comment, user=_reader(request)).delete()
    return redirect(comment.get_absolute_url())


@if_comments_are_on
@for_readers
@require_http_methods(READ_OR_WRITE)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _visible_comment(pk)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        try:
            is_new = posting.report(comment, _reader(request), words, timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.info(request, THANKS if is_new else REPORTED_BEFORE)
            return redirect(comment.get_absolute_url())
    return _form_page(request, form, comment.paper, "Report a comment", "Report", quoted=comment)


def _form_page(
    request: HttpRequest, form: Any, paper: Paper, heading: str, button: str, **context: Any
) -> HttpResponse:
    context |= {"form": form, "paper": paper, "heading": heading, "button": button}
    return render(request, "comments/form.html", context)


def _own_comment(request: HttpRequest, pk: int) -> Comment:
    """Of this reader, deleted or not, also where the paper is hidden. Raises Http404."""
    comments = Comment.objects.select_related("paper")
    return get_object_or_404(comments, pk=pk, author=_reader(request))


def _visible_comment(pk: int) -> Comment:
    return get_object_or_404(Comment.objects.visible().select_related("paper"), pk=pk)


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
