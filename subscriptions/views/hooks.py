"""Webhook for a mail provider's events: bounces, complaints, arrivals."""

import logging
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscriptions.bounces.provider_events import from_anymail
from subscriptions.bounces.record import record

logger = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def mail(request: HttpRequest, provider: str) -> HttpResponse:
    """404 without HOOK_SECRET, as then anybody could post events."""
    view = _view_of(provider)
    if request.method == "HEAD":  # some providers test the address so
        return HttpResponse()
    view.setup(request)
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        return HttpResponse("Who are you?\n", status=403, content_type="text/plain")
    now = timezone.now()
    try:
        events = view.parse_events(request)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        logger.warning("Events of %s cannot be parsed: %r", provider, error)
        return HttpResponse("That cannot be read.\n", status=400, content_type="text/plain")
    for event in events:
        record(from_anymail(provider, event, now))
    return HttpResponse()


def _view_of(provider: str) -> Any:
    if not settings.HOOK_SECRET:
        raise Http404
    try:
        match = resolve(f"/{provider}/tracking/", urlconf="anymail.urls").func
        return match.view_class(**match.view_initkwargs)  # type: ignore[attr-defined]
    except Resolver404 as error:
        raise Http404 from error
    except (AnymailConfigurationError, ImproperlyConfigured) as error:
        logger.error("/hooks/mail/%s: %s", provider, error)
        raise Http404 from error
