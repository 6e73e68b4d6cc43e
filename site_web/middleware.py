"""Middleware: redirects away trailing slashes, refuses impossible requests, avoids sessions."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from papers.api.responses import query_too_long

# Fits a search of 1,000 characters, or of 450 Chinese ones, which take nine each (%E6%9D%8E).
MAX_QUERY_STRING_CHARS = 4_096
SLASH_KEPT_UNDER = ("/admin/", "/accounts/", "/static/")
logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]


def no_trailing_slash(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path == "/" or not path.endswith("/") or path.startswith(SLASH_KEPT_UNDER):
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            raise Http404("an address here has no slash at its end")
        # A single leading slash, or `//host/` would send the reader to another site.
        request.path_info = request.path = "/" + path.strip("/\\")
        return HttpResponsePermanentRedirect(request.get_full_path())

    return middleware


def no_nul(get_response: Handler) -> Handler:
    """Refuse an address with a NUL character: PostgreSQL cannot store it in text."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("a NUL in the address")
        return get_response(request)

    return middleware


def bounded_query(get_response: Handler) -> Handler:
    """Refuse a long query string: pages repeat it in some thirty links."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > MAX_QUERY_STRING_CHARS:
            return query_too_long(request, MAX_QUERY_STRING_CHARS)
        return get_response(request)

    return middleware


def refused_values(get_response: Handler) -> Handler:
    """A value that PostgreSQL cannot hold was wrong in the request, so it is no server error."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> None:
        if isinstance(error, DataError):
            # Here to be seen: the view should have refused the value with a reason.
            logger.error("The database refused a value: %s", type(error.__cause__).__name__)
            raise BadRequest("a value that cannot be right") from error

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def anonymous_without_session_cookie(get_response: Handler) -> Handler:
    """Without a session cookie nobody is signed in; the session need not be opened to know."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            request.user = AnonymousUser()
        return get_response(request)

    return middleware
