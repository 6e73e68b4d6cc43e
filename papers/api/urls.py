"""The API's addresses: one for each endpoint, its documentation, and an error for the rest."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path

from papers.api import docs
from papers.api.endpoints import api
from papers.api.private_routers import is_private
from papers.api.responses import api_view, error_response, private_view
from papers.web import rate_limits


def unknown_address(request: HttpRequest, **names: str) -> HttpResponse:
    message = "There is no such endpoint. The API is described at /api/docs."
    return error_response(404, message)


def limited_patterns() -> list[URLPattern]:
    """The endpoints, each counted under its rate limit."""
    patterns = [
        url for url in api.urls[0] if isinstance(url, URLPattern) and url.name != "api-root"
    ]
    for pattern in patterns:
        if is_private(pattern):
            pattern.callback = private_view(pattern.callback)
            continue
        policy = rate_limits.SEARCH if pattern.name == "search" else rate_limits.EVERYTHING
        pattern.callback = api_view(pattern.callback, policy)
    return patterns


app_name = "api"
urlpatterns = [
    path("docs", docs.page, name="docs"),
    *limited_patterns(),
    path("", api_view(unknown_address), name="api-root"),
    # `<path:rest>` would leave addresses with a line break to the site's 404 page.
    re_path(r"^(?P<rest>[\s\S]+)$", api_view(unknown_address)),
]
