"""Subscribe and confirm: without an account, from any page."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from papers.web import rate_limits
from subscriptions import tasks
from subscriptions.orders import opt_in
from subscriptions.orders.forms import SubscribeForm
from subscriptions.orders.order_request import TooManyOrders
from subscriptions.views.links import behind_a_link, no_such_link, reads_and_posts

# Of one client: nobody mails a list of strangers through us.
ASKINGS = rate_limits.Policy("subscribe", 30, 600)


@csrf_exempt  # nobody is signed in to ask, so there is no cookie to ride on, and none is set
@reads_and_posts
def subscribe(request: HttpRequest) -> HttpResponse:
    """Whatever the address, known, unknown or stopped: the same answer."""
    form = SubscribeForm(request.POST if request.method == "POST" else None, request.GET)
    if not form.is_valid():
        return render(request, "subscriptions/subscribe.html", {"form": form})
    standing = rate_limits.count_request(request, ASKINGS)
    if standing and standing.exceeded:
        minutes = -(-standing.seconds // 60)
        form.add_error(None, f"That is a lot at once. Please try again in {minutes} minutes.")
        page = render(request, "subscriptions/subscribe.html", {"form": form}, status=429)
        page["Retry-After"] = str(standing.seconds)
        return page
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
        return no_such_link(request)
    subscriber, wishes = asked
    context = {"subscriber": subscriber, "description": wishes.description}
    if request.method != "POST":
        return render(request, "subscriptions/confirm.html", context)
    try:
        opt_in.confirm(subscriber, wishes, timezone.now())
    except TooManyOrders as error:
        return render(request, "subscriptions/confirm.html", context | {"error": error}, status=409)
    context["preferences_url"] = subscriber.preferences_url
    return render(request, "subscriptions/confirmed.html", context)
