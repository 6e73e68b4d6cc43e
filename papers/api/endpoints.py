"""The API's endpoints: daily papers, all papers, search, one paper.

A function's docstring and the descriptions of its parameters are published in the OpenAPI
document; its name is the operation's id.
"""

from collections.abc import Sequence
from datetime import date as Date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Path, Query
from ninja.errors import HttpError, ValidationError
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from papers import periods
from papers.api import schemas
from papers.api.responses import error_response
from papers.api.schemas import DailyPaper, PaperInFull, PaperInShort, Problem
from papers.bounded_numbers import bounded_number
from papers.models import Paper
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import SortOrder, default_sort
from papers.periods import Kind, Period
from papers.search.query_planner import SearchTimeout
from papers.search.run import search_papers
from papers.web.list_filters import require_topics

MAX_OFFSET = 1_000_000  # PostgreSQL reads and drops all rows before an offset

NO_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store NUL in text
Text = Annotated[str, Field(pattern=NO_NUL)]
CalendarDay = Annotated[
    str, Field(json_schema_extra={"format": "date", "pattern": "^(19|2[01])[0-9]{2}-"})
]
# Years with a week 53.
LONG_YEARS = "|".join(str(y) for y in range(1900, 2100) if Date(y, 12, 28).isocalendar().week == 53)
WEEK = rf"^((19|20)[0-9]{{2}}-W(0[1-9]|[1-4][0-9]|5[0-2])|({LONG_YEARS})-W53)$"
Week = Annotated[str, Field(pattern=WEEK)]
Month = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")]
Cursor = Annotated[str, Field(pattern="^[0-9]{1,18}$")]

api = NinjaAPI(
    title=f"{settings.SITE_NAME}: the API",
    version="1",
    description="The papers of this site, in the shape that `huggingface_hub` reads.",
    docs_url=None,
    urls_namespace="papers:api",
)


def response_docs(*errors: int, pages: bool = False) -> dict[str, Any]:
    """An endpoint's headers and errors, as `openapi_extra`; `pages` adds the Link header."""

    def headers(*names: str) -> dict[str, Any]:
        return {
            name: {"schema": {"type": "string"}, "description": ALL_HEADERS[name]} for name in names
        }

    limits = ("RateLimit", "RateLimit-Policy")
    answers: dict[int, Any] = {200: {"headers": headers("ETag", *limits, *["Link"] * pages)}}
    for status in errors:
        more = ("Retry-After",) if status in (429, 503) else ()
        answers[status] = {"description": ERRORS[status], "headers": headers(*limits, *more)}
    return {"responses": answers}


ALL_HEADERS = {
    "ETag": "Send it back as If-None-Match, and get a 304 while nothing has changed.",
    "Link": 'The next page, as `<…>; rel="next"`; missing on the last one.',
    "RateLimit": 'What is left, as `"api";r=499;t=300`: r requests in the next t seconds.',
    "RateLimit-Policy": 'What is allowed, as `"api";q=500;w=300`: q requests in w seconds.',
    "Retry-After": "Seconds to wait.",
}
ERRORS = {
    400: "A parameter is wrong; `error` says which.",
    404: "There is no such paper or topic.",
    429: "Too many requests.",
    503: "The search took too long.",
}


def response_types(model: Any, *errors: int) -> dict[Any, Any]:
    """The type of each status code, as ninja's `response`."""
    return {200: model} | dict.fromkeys(errors, Problem)


@api.get(
    "/daily_papers",
    summary="The papers of a day, a week or a month",
    response=response_types(list[DailyPaper], 400, 429),
    openapi_extra=response_docs(400, 429, pages=True),
)
def daily_papers(
    request: HttpRequest,
    response: HttpResponse,
    p: Annotated[int, Query(ge=0, description="The page, from 0; past the end it is empty.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100, description="Papers on a page.")] = 50,
    date: Annotated[
        CalendarDay | SkipJsonSchema[None], Query(description="A day, as 2025-03-14.")
    ] = None,
    week: Annotated[
        Week | SkipJsonSchema[None], Query(description="An ISO week, as 2025-W11.")
    ] = None,
    month: Annotated[
        Month | SkipJsonSchema[None], Query(description="A month, as 2025-03.")
    ] = None,
    submitter: Annotated[
        Text | SkipJsonSchema[None], Query(description="Who brought them, by name.")
    ] = None,
    sort: Annotated[
        Literal["publishedAt", "trending"] | SkipJsonSchema[None],
        Query(description="Without it those of a period come as on its page, others newest first."),
    ] = None,
) -> Any:
    """Without a period: all papers ever listed, the newest first."""
    within = _parse_periods(date, week, month)
    papers = _listed_in_all(within)
    if submitter is not None:
        papers = papers.submitted_by("" if submitter == schemas.site_handle() else submitter)
    papers = papers.sorted(_sort_name(sort, within), curated=_is_a_day(within))
    offset = min(p * limit, MAX_OFFSET)
    rows = list(papers.limited(offset, limit + 1))
    if len(rows) > limit:
        link_to_next(request, response, p=str(p + 1))
    return [schemas.daily_paper(paper) for paper in rows[:limit]]


@api.get(
    "/papers",
    summary="Every paper, page after page",
    response=response_types(list[PaperInShort], 400, 404, 429),
    openapi_extra=response_docs(400, 404, 429, pages=True),
)
def papers(
    request: HttpRequest,
    response: HttpResponse,
    cursor: Annotated[
        Cursor | SkipJsonSchema[None], Query(description="Where to go on: take it from `Link`.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Papers on a page.")] = 50,
    topic: Annotated[
        list[Text] | SkipJsonSchema[None],
        Query(description="Only of these topics, any of them; by their slugs."),
    ] = None,
    min_votes: Annotated[
        int, Query(ge=0, le=10_000_000, description="Only with so many upvotes.")
    ] = 0,
) -> Any:
    """What came last is first, whether it stands on a page or not. Nothing is skipped or shown
    twice while new papers come."""
    require_topics(topic or [])
    selected = Paper.objects.visible().in_topics(topic or []).with_min_votes(min_votes)
    if cursor is not None:
        selected = selected.filter(pk__lt=bounded_number(cursor))
    rows = list(selected.order_by("-pk").limited(0, limit + 1).defer("extra"))
    if len(rows) > limit:
        link_to_next(request, response, cursor=str(rows[limit - 1].pk))
    return [schemas.paper_in_short(paper) for paper in rows[:limit]]


@api.get(
    "/papers/search",
    summary="Search by words and meaning",
    response=response_types(list[DailyPaper], 400, 429, 503),
    openapi_extra=response_docs(400, 429, 503),
)
def search(
    request: HttpRequest,
    q: Annotated[
        str,
        Query(
            max_length=250,
            pattern=NO_NUL,
            description="As in the search box: also an arXiv id, a DOI, a link, a date.",
        ),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=120, description="At most so many papers.")] = 60,
) -> Any:
    """The best matches first; without a question, the hottest papers."""
    if not q.strip():
        return [
            schemas.daily_paper(paper)
            for paper in Paper.objects.listed().sorted(SortOrder.HOT)[:limit]
        ]
    if named := Paper.objects.visible().by_any_name(q):
        return [schemas.daily_paper(named)]
    if period := periods.read(q.strip()):
        papers = _listed_in_all([period]).sorted(
            default_sort(period.kind), curated=period.kind == "day"
        )[:limit]
        return [schemas.daily_paper(paper) for paper in papers]
    try:
        found = search_papers(q, limit=limit).papers
    except SearchTimeout:
        raise HttpError(503, "This search takes too long. Ask for fewer or rarer words.") from None
    return [schemas.daily_paper(paper) for paper in found]


@api.get(
    "/papers/{path:id}",
    summary="One paper",
    response=response_types(PaperInFull, 400, 404, 429),
    openapi_extra=response_docs(400, 404, 429),
)
def paper(
    request: HttpRequest,
    id: Annotated[str, Path(pattern=NO_NUL, description="Such as `2502.03793`.")],
) -> Any:
    """By its id, which may have a slash (`hep-th/9901001`), or by any other name it has: an arXiv
    id with a version, a DOI."""
    named = Paper.objects.visible().by_any_name(id)
    if named is None:
        raise Http404(f"There is no paper “{id[:80]}” here.")
    return schemas.paper_in_full(named)


def _parse_periods(date: str | None, week: str | None, month: str | None) -> list[Period]:
    names: list[tuple[Kind, str | None]] = [("day", date), ("week", week), ("month", month)]
    try:
        return [periods.parse(kind, name) for kind, name in names if name is not None]
    except ValueError as error:
        raise HttpError(400, str(error)) from None


def _listed_in_all(within: Sequence[Period]) -> PaperQuerySet:
    """Papers listed on days that lie in all of these periods, up to today."""
    first = max((period.first for period in within), default=None)
    last = min((period.last for period in within), default=Date.max)
    return Paper.objects.listed(first, min(last, timezone.localdate()))


def _sort_name(sort: str | None, within: Sequence[Period]) -> str:
    """The site's name of a sort, from the client's; without one, that of the period's page."""
    if sort is None:
        return default_sort(within[0].kind) if within else SortOrder.NEW
    return {"publishedAt": SortOrder.NEW, "trending": SortOrder.HOT}[sort]


def _is_a_day(within: Sequence[Period]) -> bool:
    return any(period.kind == "day" for period in within)


def link_to_next(request: HttpRequest, response: HttpResponse, **changed: str) -> None:
    query = {**{key: request.GET.getlist(key) for key in request.GET}, **changed}
    response["Link"] = f'<{request.path}?{urlencode(query, doseq=True)}>; rel="next"'


@api.exception_handler(ValidationError)
def on_invalid_parameter(request: HttpRequest, error: ValidationError) -> HttpResponse:
    messages = [_message(detail) for detail in error.errors if detail["type"] != "none_required"]
    return error_response(400, "; ".join(messages))


def _message(error: dict[str, Any]) -> str:
    """The parameter and what is wrong with it, without the pattern: few people read those."""
    place = error["loc"]
    name = place[-1] if place[0] == "body" else place[1]
    if error["type"] == "string_pattern_mismatch":
        return f"{name} is not written so; /api/docs says how"
    return f"{name}: {error['msg']}"


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return error_response(404, str(error))


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "10"}}
    return error_response(error.status_code, str(error), **headers.get(error.status_code, {}))
