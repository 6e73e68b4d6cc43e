"""Public pages whole from the cache, packed as they go over the wire, until something changes."""

import gzip
import time
from collections.abc import Callable
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import brotli
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache, caches
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from papers.web import page_version

LIFETIME = 60  # seconds: what no change tells of, such as a late source, is shown this late
NEAR = 5  # seconds, of these, that a process keeps it in its own memory
DRAWING = 5  # seconds that others wait at most for the one who draws a page anew
PATIENCE = 0.5  # seconds; a cache that takes longer is left alone for a while
REST = 10  # seconds
SMALLEST = 200  # bytes worth packing
PERSONAL = {settings.SESSION_COOKIE_NAME, "messages"}
REPEATED = ("Cache-Control", "ETag", "Vary")  # by a 304
Handler = Callable[[HttpRequest], HttpResponse]
Packing = Callable[[bytes], bytes]
# A public page holds no secret that its packed length could betray.
PACKINGS: dict[str, Packing] = {
    "br": lambda content: brotli.compress(content, quality=6),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}


class Kept(NamedTuple):
    mark: str  # of the last change before it was drawn
    day: date
    headers: dict[str, str]
    content: bytes


def kept_pages(get_response: Handler) -> Handler:
    """Whoever brings no cookie of ours gets the page that all the others got.

    A change that the database counts makes it old at once, wherever it came from. Without the
    cache every page is drawn; how many are kept is bounded by how many can be drawn in LIFETIME.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or PERSONAL.intersection(request.COOKIES):
            return get_response(request)
        packing = _packing(request.headers.get("Accept-Encoding", ""))
        seen = page_version.current()
        if seen is None or _resting():
            return _conditional(request, _packed(get_response(request), packing))
        key = _key(request, packing)
        kept: Kept | None = near.get(key)
        if kept is None or kept.mark != seen.mark:
            kept = _found(key)
            if kept and kept.mark == seen.mark:
                near.set(key, kept, NEAR)
        if kept and (kept.mark == seen.mark or (kept.mark == seen.before and _is_drawn(key))):
            return _answer(request, kept)
        response = _packed(get_response(request), packing)
        if hasattr(response, "is_public") and not response.cookies and not _resting():
            kept = Kept(seen.mark, timezone.localdate(), dict(response.headers), response.content)
            cache.set(key, kept, LIFETIME)
        return _conditional(request, response)

    return middleware


near = caches["near"]


def _key(request: HttpRequest, packing: str) -> str:
    asked = "\n".join(
        [
            request.get_full_path(),
            request.headers.get("Accept", ""),  # some pages are Markdown to who prefers it
            packing,
            getattr(staticfiles_storage, "manifest_hash", ""),  # another release, other pages
        ]
    )
    return f"page:{blake2b(asked.encode(), digest_size=16).hexdigest()}"


_rests_until = float("-inf")


def _resting() -> bool:
    return time.monotonic() < _rests_until


def _found(key: str) -> Kept | None:
    """What is kept, if it is of today; a cache that hangs must not hold up every page."""
    global _rests_until
    asked_at = time.monotonic()
    kept: Kept | None = cache.get(key)
    if time.monotonic() - asked_at > PATIENCE:
        _rests_until = time.monotonic() + REST
    return kept if kept and kept.day == timezone.localdate() else None


def _is_drawn(key: str) -> bool:
    """Whether another request draws this page anew at this moment; if not, it is ours to do."""
    return cache.add(f"{key}:drawn", 1, DRAWING) is False


def _packed(response: HttpResponse, packing: str) -> HttpResponse:
    if not hasattr(response, "is_public"):
        return response
    patch_vary_headers(response, ["Accept-Encoding"])
    digest = blake2b(response.content, digest_size=16).hexdigest()
    response.headers.setdefault("ETag", f'W/"{digest}"')
    if packing and len(response.content) > SMALLEST:
        response.content = PACKINGS[packing](response.content)
        response["Content-Encoding"] = packing
    response["Content-Length"] = str(len(response.content))
    return response


def _packing(accepted: str) -> str:
    """The best that this browser reads: `gzip, deflate, br;q=1.0`."""
    offers = [offer.replace(" ", "").lower() for offer in accepted.split(",")]
    names = {name for name, _, quality in (o.partition(";q=") for o in offers) if quality != "0"}
    return next((name for name in PACKINGS if name in names), "")


def _answer(request: HttpRequest, kept: Kept) -> HttpResponse:
    if request.headers.get("If-None-Match") == kept.headers["ETag"]:  # as browsers nearly all ask
        same = {name: kept.headers[name] for name in REPEATED if name in kept.headers}
        response = HttpResponse(status=304, headers=same)
        del response["Content-Type"]
        return response
    return _conditional(request, HttpResponse(kept.content, headers=kept.headers))


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200 or "ETag" not in response:
        return response
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
