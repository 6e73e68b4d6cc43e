"""The API's addresses: one for each endpoint, its documentation, and an error for the rest."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from papers.api import docs
from papers.api.endpoints import api
from papers.api.responses import api_view, error_response
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
        policy = rate_limits.SEARCH if pattern.name == "search" else rate_limits.EVERYTHING
        pattern.callback = api_view(pattern.callback, policy)
    return patterns


app_name = "api"
urlpatterns = [
    path("docs", docs.page, name="docs"),
    *limited_patterns(),
    path("", api_view(unknown_address), name="api-root"),
    path("<path:rest>", api_view(unknown_address)),
]
