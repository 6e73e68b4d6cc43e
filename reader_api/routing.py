"""What the endpoints of a reader's own things share: documentation, errors, pages, papers by id."""

from typing import Annotated, Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from ninja.errors import HttpError
from pydantic.json_schema import SkipJsonSchema

from accounts.models import User
from papers.api.endpoints import NO_NUL, Cursor, link_to_next
from papers.api.schemas import Problem
from papers.bounded_numbers import bounded_number
from papers.models import Paper
from reader_api.models import ApiToken
from reader_api.token_auth import TokenAuth

Row = TypeVar("Row", bound=Model)
PaperId = Annotated[str, Path(pattern=NO_NUL, description="Such as `2502.03793`.")]
ListKey = Annotated[str, Path(pattern="^[0-9a-z]{1,20}$", description="As `key` of a list.")]
PageCursor = Annotated[
    Cursor | SkipJsonSchema[None], Query(description="Where to go on: take it from `Link`.")
]
PageSize = Annotated[int, Query(ge=1, le=100, description="Rows on a page.")]
DONE = Status(204, None)
ERRORS = (400, 401, 403, 404, 429)

router = Router(tags=["With a token"])


def answers(scope: ApiToken.Scope, model: Any = None) -> dict[str, Any]:
    """Options of an endpoint: its scope, and what it gives; without a model 204, no content."""
    status = 204 if model is None else 200
    errors = dict.fromkeys(ERRORS, Problem)
    return {
        "auth": TokenAuth(scope),
        "response": {status: model, **errors},
        "openapi_extra": {"x-scope": str(scope)},  # also shown at /api/docs
    }


def reader_of(request: HttpRequest) -> User:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token.user


def find_paper(id: str) -> Paper:
    """By its id or any other name it has; raises Http404."""
    paper = Paper.objects.visible().by_any_name(id)
    if paper is None:
        raise Http404(f"There is no paper “{id[:80]}” here.")
    return paper


def page_of(
    request: HttpRequest,
    response: HttpResponse,
    rows: "QuerySet[Row]",
    cursor: str | None,
    limit: int,
) -> list[Row]:
    """So many of these rows, the newest first, from the cursor on; links to the next page."""
    if cursor is not None:
        rows = rows.filter(pk__lt=bounded_number(cursor))
    page = list(rows.order_by("-pk")[: limit + 1])
    if len(page) > limit:
        link_to_next(request, response, cursor=str(page[limit - 1].pk))
    return page[:limit]


def cleaned(form: forms.Form) -> dict[str, Any]:
    """What a valid form makes of its data; raises HttpError with what is wrong."""
    if not form.is_valid():
        problems = [str(message) for errors in form.errors.values() for message in errors]
        raise HttpError(400, " ".join(problems))
    return form.cleaned_data
