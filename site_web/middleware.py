"""Middleware: redirects away trailing slashes, refuses NUL, opens no session without a cookie."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

SLASH_KEPT_UNDER = ("/admin/", "/accounts/", "/static/")
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


def anonymous_without_session_cookie(get_response: Handler) -> Handler:
    """Without a session cookie nobody is signed in; the session need not be opened to know."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            request.user = AnonymousUser()
        return get_response(request)

    return middleware
