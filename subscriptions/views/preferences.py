"""The pages to change, pause and stop mail, by the links of any digest or from an account."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from subscriptions import tokens
from subscriptions.models import Subscriber
from subscriptions.orders.preferences_form import PreferencesForm
from subscriptions.personal_data import verified_addresses
from subscriptions.tokens import Purpose
from subscriptions.views.links import invalid_token_page, token_page


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Whose account has verified an address needs no mailed link to change its subscriptions."""
    assert isinstance(request.user, User)
    addresses = verified_addresses(request.user)
    subscribers = Subscriber.objects.filter(address__in=addresses)
    confirmed = [subscriber for subscriber in subscribers if subscriber.is_confirmed]
    context = {"subscribers": confirmed, "addresses": addresses}
    return render(request, "subscriptions/mine.html", context)


@token_page
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.by_token(Purpose.PREFERENCES, token)
    if subscriber is None:
        return invalid_token_page(request)
    if not subscriber.is_confirmed:
        context = {"subscriber": subscriber, "token": token}
        return render(request, "subscriptions/unsubscribed.html", context)
    form, message = PreferencesForm(subscriber), ""
    match request.POST.get("do", "keep") if request.method == "POST" else None:
        case "pause":
            subscriber.pause(timezone.now())
            message = "Paused. Nothing is sent until you say so."
        case "resume":
            subscriber.resume(timezone.now())
            message = "It goes on with the next issue."
        case "keep":
            form = PreferencesForm(subscriber, request.POST)
            if form.save(timezone.now()):
                form, message = (
                    PreferencesForm(subscriber),
                    "Kept. It holds from the next issue on.",
                )
    context = {"subscriber": subscriber, "token": token, "preferences": form}
    if message:
        context["messages"] = [message]  # Django's own messages would set a cookie
    return render(request, "subscriptions/preferences.html", context)


@token_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A POST without cookies stops all mail (RFC 8058); with `order`, only those subscriptions."""
    ids = tokens.read(Purpose.UNSUBSCRIBE, token)
    if ids is None:
        return invalid_token_page(request)
    subscriber = Subscriber.objects.filter(pk=ids[0]).first()
    if subscriber is None:  # erased meanwhile, so there is no mail to stop
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
