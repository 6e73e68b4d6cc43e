"""Subscribe, confirm, change, stop: pages that need no account, only a mailed link."""

from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscriptions import opt_in, tasks, tokens
from subscriptions.forms import PreferencesForm, SubscribeForm
from subscriptions.models import Subscriber
from subscriptions.tokens import Purpose

View = Callable[..., HttpResponse]
reads_and_posts = require_http_methods(["GET", "HEAD", "POST"])


def behind_a_link(view: View) -> View:
    """For whoever holds the token, and only for them.

    The token is the authority, not a cookie, so there is nothing for a foreign site to ride on;
    and from a page without referrer the browser's POST has the origin `null`, which Django's
    check would refuse.
    """

    @csrf_exempt
    @reads_and_posts
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response["Referrer-Policy"] = "no-referrer"
        patch_cache_control(response, private=True, no_store=True)
        return response

    return page


@reads_and_posts
def subscribe(request: HttpRequest) -> HttpResponse:
    """Whatever the address, known, unknown or stopped: the same answer."""
    form = SubscribeForm(request.POST if request.method == "POST" else None, _topics(request))
    if not form.is_valid():
        return render(request, "subscriptions/subscribe.html", {"form": form})
    address = form.cleaned_data["address"]
    if not form.cleaned_data["website"]:
        asked = opt_in.ask(address, form.wishes(), timezone.now())
        if asked is not None:
            # Robust: without a broker the sweep rings later, and the reader need not know.
            transaction.on_commit(lambda: tasks.send_confirmation.delay(asked), robust=True)
    return render(request, "subscriptions/subscribed.html", {"address": address})


@behind_a_link
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A scanner that follows every link confirms nothing: only the button does."""
    asked = opt_in.read(token, timezone.now())
    if asked is None:
        return _no_such_link(request)
    subscriber, wishes = asked
    context = {"subscriber": subscriber, "description": wishes.description}
    if request.method == "POST":
        opt_in.confirm(subscriber, wishes, timezone.now())
        return render(request, "subscriptions/confirmed.html", context)
    return render(request, "subscriptions/confirm.html", context)


@behind_a_link
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.holding(Purpose.PREFERENCES, token)
    if subscriber is None:
        return _no_such_link(request)
    if not subscriber.is_active:
        return render(request, "subscriptions/unsubscribed.html", {"subscriber": subscriber})
    form = PreferencesForm(subscriber, request.POST if request.method == "POST" else None)
    context = {"subscriber": subscriber, "unsubscribe_url": subscriber.unsubscribe_url}
    if form.is_valid():
        form.save(timezone.now())
        form = PreferencesForm(subscriber)
        context["messages"] = ["Kept. It holds from the next issue on."]  # and needs no cookie
    return render(request, "subscriptions/preferences.html", context | {"form": form})


@behind_a_link
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One POST, without cookies, stops all mail (RFC 8058); with `order`, only those orders."""
    named = tokens.read(Purpose.UNSUBSCRIBE, token)
    if named is None:
        return _no_such_link(request)
    subscriber = Subscriber.objects.filter(pk=named[0]).first()
    if subscriber is None:  # forgotten, and so without mail
        return render(request, "subscriptions/unsubscribed.html")
    context = {"subscriber": subscriber, "preferences_url": subscriber.preferences_url}
    if request.method != "POST":
        return render(request, "subscriptions/unsubscribe.html", context)
    if request.POST.getlist("order"):
        subscriber.drop(request.POST.getlist("order"), timezone.now())
    else:
        subscriber.unsubscribe(timezone.now())
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("You are unsubscribed.\n", content_type="text/plain")
    return render(request, "subscriptions/unsubscribed.html", context)


def _topics(request: HttpRequest) -> list[str]:
    return request.GET.getlist("topic")


def _no_such_link(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/bad_token.html", status=404)
