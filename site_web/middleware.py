"""One address for each page; none that cannot be stored; and no session for who has none."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

KEEP_THEIRS = ("/admin/", "/accounts/", "/static/")
Handler = Callable[[HttpRequest], HttpResponse]


def no_trailing_slash(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path == "/" or not path.endswith("/") or path.startswith(KEEP_THEIRS):
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            raise Http404("an address here has no slash at its end")
        # A single leading slash, or `//host/` would send the reader to another site.
        request.path_info = request.path = "/" + path.strip("/\\")
        return HttpResponsePermanentRedirect(request.get_full_path())

    return middleware


def no_nul(get_response: Handler) -> Handler:
    """PostgreSQL's text holds every sign but this one, which nobody types."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("a NUL in the address")
        return get_response(request)

    return middleware


def nobody_without_a_session(get_response: Handler) -> Handler:
    """Who brings no session is signed in as nobody; that is known without opening one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            request.user = AnonymousUser()
        return get_response(request)

    return middleware
