"""The endpoints of a reader's lists.

A function's docstring is published in the OpenAPI document; its name is the operation's id.
"""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Body
from ninja.errors import HttpError

from library.forms import ListForm
from library.models import ReadingList
from library.models.reading_list import MAX_ITEMS, MAX_LISTS, ClosedList, FullList
from reader_api import schemas
from reader_api.models import ApiToken
from reader_api.routing import (
    DONE,
    ListKey,
    PaperId,
    answers,
    cleaned,
    find_paper,
    reader_of,
    router,
)
from reader_api.schemas import ListFields, OwnList, OwnListInFull

Scope = ApiToken.Scope


@router.get("/lists", summary="Your lists", **answers(Scope.READ, list[OwnList]))
def own_lists(request: HttpRequest) -> Any:
    """All of them, by title, private ones too."""
    lists = ReadingList.objects.of_reader(reader_of(request)).with_counts()
    return [schemas.own_list(row, row.paper_count) for row in lists]


@router.post("/lists", summary="Make a list", **answers(Scope.LISTS, OwnList))
def make_list(request: HttpRequest, fields: Body[ListFields]) -> Any:
    """Private unless `isPublic` says otherwise."""
    reader = reader_of(request)
    own = ReadingList.objects.of_reader(reader)
    data = cleaned(ListForm(own, _form_data(fields)))
    if own.count() >= MAX_LISTS:
        raise HttpError(400, f"You have {MAX_LISTS} lists, which is the most.")
    return schemas.own_list(ReadingList.objects.create(owner=reader, **data), 0)


@router.get("/lists/{key}", summary="One of your lists", **answers(Scope.READ, OwnListInFull))
def own_list(request: HttpRequest, key: ListKey) -> Any:
    """With its papers, in its order."""
    own = _find_list(request, key)
    return schemas.own_list_in_full(own, own.visible_papers())


@router.put("/lists/{key}", summary="Change a list", **answers(Scope.LISTS))
def change_list(request: HttpRequest, key: ListKey, fields: Body[ListFields]) -> Any:
    """All its fields: what is left out gets its default."""
    own = _find_list(request, key)
    try:
        own.change(**cleaned(ListForm.to_change(own, _form_data(fields))))
    except ClosedList:
        raise HttpError(400, "The editors made this list private; it cannot be public.") from None
    return DONE


@router.delete("/lists/{key}", summary="Delete a list", **answers(Scope.LISTS))
def delete_list(request: HttpRequest, key: ListKey) -> Any:
    """Its papers stay on the site."""
    _find_list(request, key).delete()
    return DONE


@router.put("/lists/{key}/papers/{path:id}", summary="Put in a list", **answers(Scope.LISTS))
def add_to_list(request: HttpRequest, key: ListKey, id: PaperId) -> Any:
    """At its end. Again changes nothing."""
    try:
        _find_list(request, key).add([find_paper(id)])
    except FullList:
        raise HttpError(400, f"A list has at most {MAX_ITEMS:,} papers.") from None
    return DONE


@router.delete(
    "/lists/{key}/papers/{path:id}", summary="Remove from a list", **answers(Scope.LISTS)
)
def remove_from_list(request: HttpRequest, key: ListKey, id: PaperId) -> Any:
    """Again changes nothing."""
    _find_list(request, key).remove(find_paper(id))
    return DONE


def _find_list(request: HttpRequest, key: str) -> ReadingList:
    found = ReadingList.objects.of_reader(reader_of(request)).filter(key=key).first()
    if found is None:
        raise Http404(f"You have no list “{key}”.")
    return found


def _form_data(fields: ListFields) -> dict[str, Any]:
    return {
        "title": fields.title,
        "description": fields.description,
        "is_public": fields.isPublic,
    }
