"""The decorator of pages that a mailed link opens: no login, the token in it is the permission."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]
allow_get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def token_page(view: View) -> View:
    """Private, not indexed, without referrer; GET, HEAD and POST only.

    Exempt from the CSRF check: the token is the permission, not a cookie, so another site has
    nothing to abuse; and from a page without referrer a browser's POST has the origin `null`, which
    the check would refuse.
    """

    @csrf_exempt
    @allow_get_and_post
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response["X-Robots-Tag"] = "noindex"
        patch_cache_control(response, private=True, no_store=True)
        return response

    return page


def invalid_token_page(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/bad_token.html", status=404)
