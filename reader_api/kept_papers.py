"""The endpoints of saved and upvoted papers, and of notes on papers.

A function's docstring is published in the OpenAPI document; its name is the operation's id.
"""

from typing import Any

from allauth.account.utils import has_verified_email
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Body
from ninja.errors import HttpError

from library.forms import NoteForm
from library.models import Note, Save
from papers.models import Paper, Upvote
from reader_api import schemas
from reader_api.models import ApiToken
from reader_api.routing import (
    DONE,
    PageCursor,
    PageSize,
    PaperId,
    answers,
    cleaned,
    find_paper,
    page_of,
    reader_of,
    router,
)
from reader_api.schemas import NoteFields, OwnNote, SavedPaper, UpvotedPaper

Scope = ApiToken.Scope
MERGED = "This paper was merged into another in this moment. Try again."


@router.get("/saves", summary="Papers you saved", **answers(Scope.READ, list[SavedPaper]))
def own_saves(
    request: HttpRequest, response: HttpResponse, cursor: PageCursor = None, limit: PageSize = 50
) -> Any:
    """Those saved last come first."""
    rows = Save.objects.filter(reader=reader_of(request), paper__in=Paper.objects.visible())
    page = page_of(request, response, rows.select_related("paper"), cursor, limit)
    return [schemas.saved_paper(row) for row in page]


@router.put("/saves/{path:id}", summary="Save a paper", **answers(Scope.SAVE))
def save_paper(request: HttpRequest, id: PaperId) -> Any:
    """Again changes nothing."""
    Save.objects.add(reader_of(request), [find_paper(id)])
    return DONE


@router.delete("/saves/{path:id}", summary="No longer save a paper", **answers(Scope.SAVE))
def unsave_paper(request: HttpRequest, id: PaperId) -> Any:
    """Again changes nothing."""
    Save.objects.remove(reader_of(request), find_paper(id))
    return DONE


@router.get("/upvotes", summary="Papers you upvoted", **answers(Scope.READ, list[UpvotedPaper]))
def own_upvotes(
    request: HttpRequest, response: HttpResponse, cursor: PageCursor = None, limit: PageSize = 50
) -> Any:
    """Those upvoted last come first."""
    votes = Upvote.objects.cast_by(reader_of(request)).filter(paper__in=Paper.objects.visible())
    page = page_of(request, response, votes.select_related("paper"), cursor, limit)
    return [schemas.upvoted_paper(row) for row in page]


@router.put("/upvotes/{path:id}", summary="Upvote a paper", **answers(Scope.VOTE))
def upvote_paper(request: HttpRequest, id: PaperId) -> Any:
    """Again changes nothing."""
    if not has_verified_email(reader_of(request)):
        raise HttpError(403, "Confirm the email address of your account first.")
    try:
        find_paper(id).upvote(reader_of(request))
    except Paper.DoesNotExist:
        raise Http404(MERGED) from None
    return DONE


@router.delete("/upvotes/{path:id}", summary="Take an upvote back", **answers(Scope.VOTE))
def unvote_paper(request: HttpRequest, id: PaperId) -> Any:
    """Again changes nothing."""
    try:
        find_paper(id).unvote(reader_of(request))
    except Paper.DoesNotExist:
        raise Http404(MERGED) from None
    return DONE


@router.get("/notes", summary="Your notes", **answers(Scope.READ, list[OwnNote]))
def own_notes(
    request: HttpRequest, response: HttpResponse, cursor: PageCursor = None, limit: PageSize = 50
) -> Any:
    """One for each paper at most; those begun last come first. Nobody else reads them."""
    rows = Note.objects.filter(reader=reader_of(request), paper__in=Paper.objects.visible())
    page = page_of(request, response, rows.select_related("paper"), cursor, limit)
    return [schemas.own_note(row) for row in page]


@router.put("/notes/{path:id}", summary="Write a note on a paper", **answers(Scope.NOTES))
def write_note(request: HttpRequest, id: PaperId, note: Body[NoteFields]) -> Any:
    """Replaces the one that is there; an empty text deletes it."""
    text = cleaned(NoteForm(note.dict()))["text"]
    try:
        Note.objects.write(reader_of(request), find_paper(id), text)
    except Paper.DoesNotExist:
        raise Http404(MERGED) from None
    return DONE


@router.delete("/notes/{path:id}", summary="Delete a note", **answers(Scope.NOTES))
def delete_note(request: HttpRequest, id: PaperId) -> Any:
    """Again changes nothing."""
    Note.objects.write(reader_of(request), find_paper(id), "")
    return DONE
