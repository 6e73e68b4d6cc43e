"""One polite, bounded, guarded GET."""

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
ACCEPT_HEADER = "Accept: application/atom+xml, application/rss+xml, application/json, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A 200, or a 304 with an empty body; validators as received, to be sent back so."""

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
    """Fetch a URL once; anything but 200 and 304 raises FetchError.

    `turn` is held around each request, a redirect's too; what the first one waits is not our time.

    `allow_private` lifts the guard on addresses and ports: for all, or for these "ip:port".
    """
    sent = {"If-None-Match": _validator(etag), "If-Modified-Since": _validator(last_modified)}
    lines = [ACCEPT_HEADER.encode(), *(f"{k}: {v}".encode("latin-1") for k, v in sent.items() if v)]
    left = limits.total_seconds
    here, moved, wire_bytes = _request_url(url), None, 0
    for_good = True
    for number in range(limits.redirects + 1):
        hop = Request(here, limits, allow_private)
        asked = time.monotonic()
        with turn(here):
            started = asked if number else time.monotonic()
            hop.perform(lines, user_agent, started + left)
            left -= time.monotonic() - started
        wire_bytes += hop.wire_bytes
        if hop.status not in REDIRECTS:
            break
        here = _redirect_target(hop)
        for_good = for_good and hop.status in PERMANENT_REDIRECTS
        moved = here if for_good else moved
    else:
        raise FetchError(f"more than {limits.redirects} redirects, the last one to {here}")
    retry_after = _retry_after_seconds(hop.headers.get("retry-after", ""))
    if hop.status != 200 and not (hop.status == 304 and len(lines) > 1):
        raise FetchError(
            f"{host_of(here)} answered {hop.status}",
            status=hop.status,
            retry_after=retry_after,
            gone=hop.status == 410,
            body=bytes(hop.body),
        )
    unchanged = hop.status == 304  # which may leave out what has not changed
    return Response(
        status=hop.status,
        url=here,
        body=b"" if unchanged else bytes(hop.body),
        etag=_validator(hop.headers.get("etag", etag if unchanged else "")),
        last_modified=_validator(
            hop.headers.get("last-modified", last_modified if unchanged else "")
        ),
        content_type=hop.headers.get("content-type", ""),
        retry_after=retry_after,
        moved_permanently_to=moved,
        wire_bytes=wire_bytes,
    )


def _request_url(url: str) -> str:
    try:
        return request_url(url)
    except ValueError as error:
        raise FetchError(str(error)) from None


def _redirect_target(hop: Request) -> str:
    """Where a redirect leads."""
    location = hop.headers.get("location", "")
    if not location:
        raise FetchError(f"{host_of(hop.url)} answered {hop.status} without saying whereto")
    with suppress(UnicodeError):  # UTF-8 where it is that, as browsers read it
        location = location.encode("latin-1").decode()
    try:
        return request_url(urljoin(hop.url, location))
    except ValueError as error:
        raise FetchError(f"{host_of(hop.url)} redirects to {error}", status=hop.status) from None


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
