"""What all responses of the API share: rate limits, ETag, CORS headers, errors as JSON objects."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views import defaults

from papers.web import rate_limits

MAX_AGE = 60  # seconds that browsers and proxies may keep a response,
MAX_STALE = 600  # and seconds that they may show it while they fetch a new one
READ_METHODS = ("GET", "HEAD", "OPTIONS")
PRIVATE_METHODS = (*READ_METHODS, "POST", "PUT", "DELETE")
View = Callable[..., HttpResponse]


def api_view(view: View, policy: rate_limits.Policy = rate_limits.EVERYTHING) -> View:
    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _for_scripts(_limited(request, lambda: view(request, *args, **kwargs), policy))

    return respond


def private_view(view: View) -> View:
    """For endpoints that need a token: they may write, and nobody caches what they answer."""

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return _for_scripts(_preflight(PRIVATE_METHODS, "*, Authorization"))
        if request.method == "HEAD":
            request.method = "GET"  # ninja knows GET alone
        response = _counted(request, lambda: view(request, *args, **kwargs), rate_limits.PRIVATE)
        if response.status_code == 405:
            response = error_response(405, "Not with this method.", Allow=response["Allow"])
        patch_cache_control(response, no_store=True, private=True)
        return _for_scripts(response)

    return respond


def error_response(status: int, message: str, **headers: str) -> JsonResponse:
    return JsonResponse(
        {"error": message}, status=status, headers={"Cache-Control": "no-store"} | headers
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400 for the whole site: requests refused by middleware reach no view."""
    if _is_for_api(request):
        return error_response(400, f"This is no request that we understand: {exception}.")
    return defaults.bad_request(request, exception)


def query_too_long(request: HttpRequest, most: int) -> HttpResponse:
    message = f"The address is too long: at most {most:,} characters may follow the question mark."
    if _is_for_api(request):
        return error_response(414, message)
    return render(request, "414.html", {"most": most}, status=414)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500 for the whole site."""
    if _is_for_api(request):
        return error_response(500, "An error of this site; it was logged. Please try again later.")
    return defaults.server_error(request)


def _is_for_api(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("papers:api:api-root"))


def _limited(
    request: HttpRequest, respond: Callable[[], HttpResponse], policy: rate_limits.Policy
) -> HttpResponse:
    if request.method not in READ_METHODS:
        return error_response(405, "The API is only read.", Allow=", ".join(READ_METHODS))
    if request.method == "OPTIONS":
        return _preflight(READ_METHODS, "*")

    def respond_if_changed() -> HttpResponse:
        # ninja knows GET alone; the server drops the body of a response to HEAD.
        request.method = "GET"
        return _conditional(request, respond())

    return _counted(request, respond_if_changed, policy)


def _counted(
    request: HttpRequest, respond: Callable[[], HttpResponse], policy: rate_limits.Policy
) -> HttpResponse:
    """The response, or 429 where the client has sent too many requests; with its limits."""
    usage = rate_limits.count_request(request, policy)
    if usage and usage.exceeded:
        response: HttpResponse = error_response(
            429,
            f"More than {policy.requests} requests in {policy.seconds} seconds. "
            f"Ask again in {usage.seconds} seconds.",
            **{"Retry-After": str(usage.seconds)},
        )
    else:
        response = respond()
    for name, value in (usage.headers if usage else {}).items():
        response[name] = value
    return response


def _preflight(methods: tuple[str, ...], headers: str) -> HttpResponse:
    """CORS: which methods and headers may a script of another site send?

    An asterisk stands for all headers but Authorization.
    """
    allowed = {
        "Allow-Methods": ", ".join(methods),
        "Allow-Headers": headers,
        "Max-Age": "86400",
    }
    return HttpResponse(
        status=204, headers={f"Access-Control-{name}": value for name, value in allowed.items()}
    )


def _for_scripts(response: HttpResponse) -> HttpResponse:
    """Scripts of any site may read it; there are no cookies in the API."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "Link, RateLimit, RateLimit-Policy, Retry-After"
    return response


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code != 200:
        patch_cache_control(response, no_store=True)
        return response
    patch_cache_control(response, public=True, max_age=MAX_AGE, stale_while_revalidate=MAX_STALE)
    response["ETag"] = etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=etag, response=response) or response
