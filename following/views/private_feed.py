"""Private feeds: whoever has the secret address reads the feed; its reader renews or ends it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from accounts.models import User
from following.models import PrivateFeed
from following.private_feeds import feed_kind
from papers.feeds.responses import Feed, feed_view
from papers.web.for_readers import for_readers

ENDED = "This feed address no longer works. Its owner finds the new one at /me/follows."


def private_feed(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """No proxy keeps it, and no search engine lists it."""
    response: HttpResponse = _feed(request, form, token=token)
    response.headers.pop("Cache-Control", None)
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    response["X-Robots-Tag"] = "noindex"
    return response


@feed_view
def _feed(request: HttpRequest, token: str) -> Feed:
    address = PrivateFeed.objects.filter(token=token, reader__is_active=True)
    found = address.select_related("reader").first()
    kind = feed_kind(found.kind) if found else None
    if found is None or kind is None:
        raise Http404(ENDED)
    return kind.build(found.reader)


@for_readers
@require_POST
def renew(request: HttpRequest, kind: str) -> HttpResponse:
    """Make an address, or replace it: the old one ends."""
    assert isinstance(request.user, User)
    if feed_kind(kind) is None:
        raise Http404
    PrivateFeed.objects.renew(request.user, kind)
    return redirect("following:follows")


@for_readers
@require_POST
def revoke(request: HttpRequest, kind: str) -> HttpResponse:
    """End the address. Again changes nothing."""
    assert isinstance(request.user, User)
    PrivateFeed.objects.revoke(request.user, kind)
    return redirect("following:follows")
