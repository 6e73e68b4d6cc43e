"""The addresses of the API: ninja's, each with what all answers have."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from papers.api import docs
from papers.api.answers import answered, problem
from papers.api.endpoints import api
from papers.web import rate_limits


def nothing(request: HttpRequest, **names: str) -> HttpResponse:
    return problem(404, "Nothing is kept at this address. The API is described at /api/docs.")


def patterns() -> list[URLPattern]:
    found = [it for it in api.urls[0] if isinstance(it, URLPattern) and it.name != "api-root"]
    for pattern in found:
        policy = rate_limits.SEARCH if pattern.name == "search" else rate_limits.EVERYTHING
        pattern.callback = answered(pattern.callback, policy)
    return found


app_name = "api"
urlpatterns = [
    path("docs", docs.page, name="docs"),
    *patterns(),
    path("", answered(nothing), name="api-root"),
    path("<path:rest>", answered(nothing)),
]
