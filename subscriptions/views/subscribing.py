"""The pages to subscribe and to confirm; no account is needed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from papers.web import rate_limits
from subscriptions import tasks
from subscriptions.models import Delivery, Subscriber, Suppression
from subscriptions.orders import opt_in
from subscriptions.orders.order_request import TooManySubscriptions
from subscriptions.orders.subscribe_form import SubscribeForm
from subscriptions.orders.time_zones import moment_in_words
from subscriptions.sending.digest_parts import days_in_words
from subscriptions.views.links import allow_get_and_post, invalid_token_page, token_page

# For each client, so that nobody makes us write to a list of strangers.
SUBSCRIBE_LIMIT = rate_limits.Policy("subscribe", 30, 600)


@csrf_exempt  # works without a session, so there is no cookie that another site could abuse
@allow_get_and_post
def subscribe(request: HttpRequest) -> HttpResponse:
    """The answer is the same for a known, an unknown and a suppressed address."""
    form = SubscribeForm(request.POST if request.method == "POST" else None, request.GET)
    if not form.is_valid():
        return render(request, "subscriptions/subscribe.html", {"form": form})
    standing = rate_limits.count_request(request, SUBSCRIBE_LIMIT)
    if standing and standing.exceeded:
        minutes = -(-standing.seconds // 60)
        form.add_error(None, f"That is a lot at once. Please try again in {minutes} minutes.")
        page = render(request, "subscriptions/subscribe.html", {"form": form}, status=429)
        page["Retry-After"] = str(standing.seconds)
        return page
    address, order_request = form.cleaned_data["address"], form.order_request()
    if not form.cleaned_data["website"]:
        try:
            subscriber_id = opt_in.request(address, order_request, timezone.now())
        except (DataError, IntegrityError):
            form.add_error("address", "This address cannot be stored. Please use another one.")
            return render(request, "subscriptions/subscribe.html", {"form": form})
        # Robust: without a broker the sweep sends it later, and the reader sees no error.
        transaction.on_commit(lambda: tasks.send_confirmation.delay(subscriber_id), robust=True)
    context = {
        "address": address,
        "description": order_request.description,
        "held": settings.SENDING_HELD,
    }
    return render(request, "subscriptions/subscribed.html", context)


@token_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Only the button confirms, as mail scanners follow every link."""
    link = opt_in.read_link(token, timezone.now())
    if link is None:
        return invalid_token_page(request)
    context = {"subscriber": link.subscriber, "description": link.order_request.description}
    if request.method != "POST":
        return render(request, "subscriptions/confirm.html", context)
    now = timezone.now()
    try:
        is_new = opt_in.confirm(link, now)
    except TooManySubscriptions as error:
        return render(request, "subscriptions/confirm.html", context | {"error": error}, status=409)
    context |= {"is_new": is_new} | _next_digests(link.subscriber, now)
    return render(request, "subscriptions/confirmed.html", context)


def _next_digests(subscriber: Subscriber, now: datetime) -> dict[str, Any]:
    """Template context: what comes next. Starts a task for a digest that is due now."""
    subscriber.refresh_from_db()
    due = Delivery.objects.due(now).filter(subscriber=subscriber).select_related("issue").first()
    if due:
        # Robust: without a broker the sweep sends it later, and the reader sees no error.
        transaction.on_commit(tasks.send_deliveries.delay, robust=True)
    next_due_at = subscriber.next_due_at
    return {
        "is_suppressed": Suppression.objects.for_address(subscriber.address).exists(),
        "due_digest": due and days_in_words(due.issue.days),
        "had_digests": subscriber.deliveries.exists(),
        "next_digest": next_due_at and moment_in_words(next_due_at, subscriber.zone),
        "held": settings.SENDING_HELD,
    }
