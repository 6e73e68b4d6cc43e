"""The button on the pages of followed papers and of *For you*: get these by email."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.models import User
from papers.web.for_readers import for_readers
from papers.web.next_page import next_page
from subscriptions.models import Subscriber, Subscription, Suppression
from subscriptions.orders import reader_sections
from subscriptions.orders.order_request import TooManySubscriptions


@for_readers
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """`what` is a kind of section that `reader_sections.offered` has. Again changes nothing."""
    assert isinstance(request.user, User)
    what = request.POST.get("what", "")
    if what not in dict(reader_sections.offered(request.user.pk)):
        messages.error(request, "There is nothing to send. Follow something, or make an interest.")
    else:
        try:
            added = reader_sections.add(request.user, what, timezone.now())
            messages.success(request, _what_comes(added))
        except TooManySubscriptions as error:
            messages.error(request, str(error))
    return redirect(next_page(request, "subscriptions:mine"))


def _what_comes(added: Subscription) -> SafeString:
    return format_html(
        '“{}” is a section of your digest, {}. {} <a href="{}">Change your digest</a>',
        added.title,
        added.get_frequency_display(),
        _where_it_goes(added.subscriber),
        added.subscriber.preferences_url,
    )


def _where_it_goes(subscriber: Subscriber) -> str:
    address = subscriber.address
    if Suppression.objects.for_address(address).exists():
        why = "earlier ones came back, or somebody asked us not to write there"
        return f"But no email goes to {address}: {why}."
    return (
        f"But emails to {address} are paused." if subscriber.paused_at else f"It goes to {address}."
    )
