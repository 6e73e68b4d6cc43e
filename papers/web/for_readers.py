"""`@for_readers`: marks a view for those who are signed in and have confirmed their address."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from allauth.account.decorators import verified_email_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def for_readers(view: View[P]) -> View[P]:
    """Others are led to sign in, and back; who has no confirmed address gets an email with a link.

    The page is of one reader, so nobody caches it.
    """
    return cast(View[P], never_cache(verified_email_required(view)))
