"""Change, pause, stop: behind the links of any digest, or from the account of the same address."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from subscriptions import tokens
from subscriptions.models import Subscriber
from subscriptions.orders.forms import Preferences
from subscriptions.personal_data import proved
from subscriptions.tokens import Purpose
from subscriptions.views.links import behind_a_link, no_such_link


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Whoever proved to hold an address needs no mail to change what goes there."""
    assert isinstance(request.user, User)
    addresses = proved(request.user)
    held = [it for it in Subscriber.objects.filter(address__in=addresses) if it.is_confirmed]
    context = {"subscribers": held, "addresses": addresses}
    return render(request, "subscriptions/mine.html", context)


@behind_a_link
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.by_token(Purpose.PREFERENCES, token)
    if subscriber is None:
        return no_such_link(request)
    if not subscriber.is_confirmed:
        context = {"subscriber": subscriber, "token": token}
        return render(request, "subscriptions/unsubscribed.html", context)
    shown, said = Preferences(subscriber), ""
    match request.POST.get("do", "keep") if request.method == "POST" else None:
        case "pause":
            subscriber.pause(timezone.now())
            said = "Paused. Nothing is sent until you say so."
        case "resume":
            subscriber.resume(timezone.now())
            said = "It goes on with the next issue."
        case "keep":
            shown = Preferences(subscriber, request.POST)
            if shown.save(timezone.now()):
                shown, said = Preferences(subscriber), "Kept. It holds from the next issue on."
    context = {"subscriber": subscriber, "token": token, "preferences": shown}
    if said:
        context["messages"] = [said]  # which needs no cookie
    return render(request, "subscriptions/preferences.html", context)


@behind_a_link
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One POST, without cookies, stops all mail (RFC 8058); with `order`, only those orders."""
    named = tokens.read(Purpose.UNSUBSCRIBE, token)
    if named is None:
        return no_such_link(request)
    subscriber = Subscriber.objects.filter(pk=named[0]).first()
    if subscriber is None:  # forgotten, and so without mail
        return render(request, "subscriptions/unsubscribed.html")
    context = {"subscriber": subscriber, "orders": subscriber.subscriptions.select_related("topic")}
    if request.method != "POST":
        return render(request, "subscriptions/unsubscribe.html", context)
    if request.POST.getlist("order"):
        subscriber.end_subscriptions(request.POST.getlist("order"), timezone.now())
    else:
        subscriber.unsubscribe(timezone.now())
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("You are unsubscribed.\n", content_type="text/plain")
    return render(request, "subscriptions/unsubscribed.html", context)
