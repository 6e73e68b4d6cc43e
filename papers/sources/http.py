"""Fetches a URL: conditional GET, redirects, limits of time and size, guarded addresses."""

import re
import time
from collections.abc import Callable, Container
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from papers.sources.addresses import request_url
from papers.sources.request import DEFAULT_LIMITS, FetchError, Limits, Request, host_of

__all__ = ["FetchError", "Limits", "Response", "fetch"]

REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT_REDIRECTS = (301, 308)
MAX_RETRY_AFTER_SECONDS = 7 * 24 * 3600.0
MAX_VALIDATOR_CHARS = 200  # characters; a source keeps no longer one
ACCEPT_HEADER = b"Accept: application/atom+xml, application/rss+xml, application/json, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A 200, or a 304 with an empty body; ETag and Last-Modified are kept byte for byte."""

    status: int
    url: str  # the last one, after redirects
    body: bytes
    etag: str
    last_modified: str
    content_type: str
    retry_after: float | None  # seconds
    moved_permanently_to: str | None  # where 301 and 308 led, up to the first other redirect
    wire_bytes: int


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    user_agent: str,
    allow_private: bool | Container[str] = False,
    limits: Limits = DEFAULT_LIMITS,
    turn: Callable[[str], AbstractContextManager[None]] = lambda url: nullcontext(),
) -> Response:
    """Fetch a URL once; raises FetchError for any status but 200 and 304.

    `turn(url)` is a context held around each request, a redirect's too; the time that the first
    one waits is not counted against the limits.

    `allow_private` lifts the guard on addresses and ports: for all, or for these "ip:port".
    """
    validators = {"If-None-Match": _validator(etag), "If-Modified-Since": _validator(last_modified)}
    headers = [f"{name}: {value}".encode("latin-1") for name, value in validators.items() if value]
    seconds_left = limits.total_seconds
    target, moved_to, wire_bytes, is_permanent = _checked_url(url), None, 0, True
    for number in range(limits.redirects + 1):
        request = Request(target, limits, allow_private)
        called_at = time.monotonic()
        with turn(target):
            started_at = called_at if number else time.monotonic()
            request.perform([ACCEPT_HEADER, *headers], user_agent, started_at + seconds_left)
            seconds_left -= time.monotonic() - started_at
        wire_bytes += request.wire_bytes
        if request.status not in REDIRECTS:
            break
        target = _redirect_target(request)
        is_permanent = is_permanent and request.status in PERMANENT_REDIRECTS
        moved_to = target if is_permanent else moved_to
    else:
        raise FetchError(f"more than {limits.redirects} redirects, the last one to {target}")
    if request.status != 200 and not (request.status == 304 and headers):
        raise _error(request)
    return _response(request, etag, last_modified, moved_to, wire_bytes)


def _response(
    request: Request, etag: str, last_modified: str, moved_to: str | None, wire_bytes: int
) -> Response:
    unchanged = request.status == 304  # which may leave out the validators that have not changed
    headers = request.headers
    return Response(
        status=request.status,
        url=request.url,
        body=b"" if unchanged else bytes(request.body),
        etag=_validator(headers.get("etag", etag if unchanged else "")),
        last_modified=_validator(headers.get("last-modified", last_modified if unchanged else "")),
        content_type=headers.get("content-type", ""),
        retry_after=_retry_after_seconds(headers.get("retry-after", "")),
        moved_permanently_to=moved_to,
        wire_bytes=wire_bytes,
    )


def _error(request: Request) -> FetchError:
    return FetchError(
        f"{host_of(request.url)} answered {request.status}",
        status=request.status,
        retry_after=_retry_after_seconds(request.headers.get("retry-after", "")),
        gone=request.status == 410,
        body=bytes(request.body),
    )


def _checked_url(url: str) -> str:
    try:
        return request_url(url)
    except ValueError as error:
        raise FetchError(str(error)) from None


def _redirect_target(request: Request) -> str:
    """The URL that a redirect leads to; raises FetchError if it names none that we fetch."""
    host = host_of(request.url)
    location = request.headers.get("location", "")
    if not location:
        raise FetchError(f"{host} answered {request.status} without saying whereto")
    with suppress(UnicodeError):  # UTF-8 where it is that, as browsers read it
        location = location.encode("latin-1").decode()
    try:
        return request_url(urljoin(request.url, location))
    except ValueError as error:
        raise FetchError(f"{host} redirects to {error}", status=request.status) from None


def _validator(value: str) -> str:
    """A validator that can be stored and sent back unchanged, else none."""
    usable = len(value) <= MAX_VALIDATOR_CHARS and re.fullmatch(r"[\t\x20-\x7e\x80-\xff]*", value)
    return value if usable else ""


def _retry_after_seconds(retry_after: str) -> float | None:
    """Retry-After, which is a number of seconds or a date, within reason."""
    if re.fullmatch(r"[0-9]{1,12}", retry_after):
        return min(float(retry_after), MAX_RETRY_AFTER_SECONDS)
    try:
        when = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError, OverflowError):
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return min(max(0.0, when.timestamp() - time.time()), MAX_RETRY_AFTER_SECONDS)
