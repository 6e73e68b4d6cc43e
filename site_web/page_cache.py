"""Middleware that caches whole public pages, compressed, until the database changes."""

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

LIFETIME = 60  # seconds; what no change announces, such as a late source, shows this late
NEAR_LIFETIME = 5  # seconds of these that a process also keeps the page in its own memory
DRAWING_LOCK = 5  # seconds that one request may take to draw a page before another tries
SLOW_CACHE = 0.5  # seconds; a cache that takes longer is left alone for CACHE_PAUSE
CACHE_PAUSE = 10  # seconds
MIN_COMPRESSED_BYTES = 200
PERSONAL_COOKIES = {settings.SESSION_COOKIE_NAME, "messages"}
HEADERS_OF_304 = ("Cache-Control", "ETag", "Vary")
Handler = Callable[[HttpRequest], HttpResponse]
Compressor = Callable[[bytes], bytes]
# Safe against BREACH: a public page holds no secret that its compressed length could reveal.
COMPRESSORS: dict[str, Compressor] = {
    "br": lambda content: brotli.compress(content, quality=6),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}


class CachedPage(NamedTuple):
    mark: str  # of the page version before it was drawn
    day: date  # in the site's time zone
    headers: dict[str, str]
    content: bytes


def cache_public_pages(get_response: Handler) -> Handler:
    """A reader without a session or message cookie gets the page that was drawn for another.

    Any change that `page_version` counts makes a page old at once. Without the cache every page
    is drawn. How many are cached is bounded by how many can be drawn in LIFETIME.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or PERSONAL_COOKIES.intersection(request.COOKIES):
            return get_response(request)
        encoding = _accepted_encoding(request.headers.get("Accept-Encoding", ""))
        version = page_version.current()
        if version is None or _cache_is_paused():
            return _conditional(request, _compressed(get_response(request), encoding))
        key = _cache_key(request, encoding)
        page: CachedPage | None = near_cache.get(key)
        if page is None or page.mark != version.mark:
            page = _load(key)
            if page and page.mark == version.mark:
                near_cache.set(key, page, NEAR_LIFETIME)
        if page and (
            page.mark == version.mark or (page.mark == version.previous and _is_being_drawn(key))
        ):
            return _cached_response(request, page)
        response = _compressed(get_response(request), encoding)
        if hasattr(response, "is_public") and not response.cookies and not _cache_is_paused():
            page = CachedPage(
                version.mark, timezone.localdate(), dict(response.headers), response.content
            )
            cache.set(key, page, LIFETIME)
        return _conditional(request, response)

    return middleware


near_cache = caches["near"]


def _cache_key(request: HttpRequest, encoding: str) -> str:
    parts = "\n".join(
        [
            request.get_full_path(),
            request.headers.get("Accept", ""),  # a client that prefers Markdown gets it
            encoding,
            getattr(staticfiles_storage, "manifest_hash", ""),  # changes with each release
        ]
    )
    return f"page:{blake2b(parts.encode(), digest_size=16).hexdigest()}"


_paused_until = float("-inf")


def _cache_is_paused() -> bool:
    return time.monotonic() < _paused_until


def _load(key: str) -> CachedPage | None:
    """The cached page if it is of today. A cache that hangs must not hold up every page."""
    global _paused_until
    started = time.monotonic()
    page: CachedPage | None = cache.get(key)
    if time.monotonic() - started > SLOW_CACHE:
        _paused_until = time.monotonic() + CACHE_PAUSE
    return page if page and page.day == timezone.localdate() else None


def _is_being_drawn(key: str) -> bool:
    """Whether another request is drawing this page; if not, this one is to do it."""
    return cache.add(f"{key}:drawn", 1, DRAWING_LOCK) is False


def _compressed(response: HttpResponse, encoding: str) -> HttpResponse:
    if not hasattr(response, "is_public"):
        return response
    patch_vary_headers(response, ["Accept-Encoding"])
    digest = blake2b(response.content, digest_size=16).hexdigest()
    response.headers.setdefault("ETag", f'W/"{digest}"')
    if encoding and len(response.content) > MIN_COMPRESSED_BYTES:
        response.content = COMPRESSORS[encoding](response.content)
        response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(response.content))
    return response


def _accepted_encoding(accepted: str) -> str:
    """The best of ours that this Accept-Encoding header allows: `gzip, deflate, br;q=1.0`."""
    offers = [offer.replace(" ", "").lower() for offer in accepted.split(",")]
    names = {name for name, _, quality in (o.partition(";q=") for o in offers) if quality != "0"}
    return next((name for name in COMPRESSORS if name in names), "")


def _cached_response(request: HttpRequest, page: CachedPage) -> HttpResponse:
    if request.headers.get("If-None-Match") == page.headers["ETag"]:  # the usual case
        headers = {name: page.headers[name] for name in HEADERS_OF_304 if name in page.headers}
        response = HttpResponse(status=304, headers=headers)
        del response["Content-Type"]
        return response
    return _conditional(request, HttpResponse(page.content, headers=page.headers))


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200 or "ETag" not in response:
        return response
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
