"""The page by which a reader stops emails about notifications, from a link in any of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from notifications.models import MailChoice
from subscriptions import tokens
from subscriptions.tokens import Purpose
from subscriptions.views.links import invalid_token_page, token_page


@token_page
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """A POST without cookies stops them (RFC 8058). Digests have a link of their own."""
    ids = tokens.read(Purpose.STOP_NOTIFICATIONS, token)
    if ids is None:
        return invalid_token_page(request)
    if request.method == "POST":
        MailChoice.objects.stop([ids[0]])
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("You get no more emails about notifications.\n", "text/plain")
    context = {"is_stopped": request.method == "POST"}
    return render(request, "subscriptions/stop_notifications.html", context)
