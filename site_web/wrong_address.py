"""Error pages for visitors who reach the site at another address than SITE_URL says.

Behind a proxy with TLS and without SITE_URL the site takes itself for http://localhost:8000.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.template.loader import render_to_string

from papers.api import responses


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: another address of the form is told from a missing cookie."""
    context = {"opened_at": _other_address(request), "site_address": settings.SITE_URL}
    return render(request, "403_csrf.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a host that ALLOWED_HOSTS does not name is said."""
    if not isinstance(exception, DisallowedHost) or request.path.startswith("/api/"):
        return responses.bad_request(request, exception)
    # Without the request: what context processors need was not set by middleware yet.
    context = {
        "opened_at": request.META.get("HTTP_HOST", ""),
        "site_address": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
    }
    return HttpResponseBadRequest(render_to_string("400_host.html", context))


def _other_address(request: HttpRequest) -> str:
    """Where the browser says that the form was, unless that is the site's own address."""
    origin = request.headers.get("Origin", "")
    if origin in {"", "null"}:
        referer = urlsplit(request.headers.get("Referer", ""))
        origin = f"{referer.scheme}://{referer.netloc}" if referer.netloc else ""
    site = urlsplit(settings.SITE_URL)
    return "" if origin == f"{site.scheme}://{site.netloc}" else origin
