"""Where a form leads: back to the page it was sent from, or by way of the sign-in page."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def next_page(request: HttpRequest, default: str) -> str:
    """The field `next` of the form, if it is an address of this site; else `default`."""
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if is_ours else default


def redirect_page(request: HttpRequest, page: str) -> HttpResponse:
    """Leads the whole page there, also where htmx sent the request for a part of it."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": page})
    return HttpResponseRedirect(page)


def sign_in_page(wanted: str) -> str:
    """The page to sign in, which then leads to the address `wanted`."""
    return f"{reverse('account_login')}?{urlencode({'next': wanted})}"
