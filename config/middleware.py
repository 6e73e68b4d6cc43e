"""One address for each page: without a trailing slash."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

KEEP_THEIRS = ("/admin/", "/accounts/", "/static/")


def no_trailing_slash(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path == "/" or not path.endswith("/") or path.startswith(KEEP_THEIRS):
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            raise Http404("an address here has no slash at its end")
        # A single leading slash, or `//host/` would send the reader to another site.
        request.path_info = request.path = "/" + path.strip("/")
        return HttpResponsePermanentRedirect(request.get_full_path())

    return middleware
