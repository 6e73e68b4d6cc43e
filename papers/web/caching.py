"""`@public`: marks a view whose page is the same for all readers who are not signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

MAX_AGE = 2  # seconds; short, as browsers and proxies are not told of changes
MAX_STALE = 60  # seconds that they may show the old page while they fetch the new one
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def public(view: View[P]) -> View[P]:
    """Lets browsers, proxies and `site_web.page_cache` keep the response.

    The view must draw nothing personal, set no cookie and open no session, unless its reader is
    signed in; then the response is private.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie"])
        if request.user.is_authenticated:
            patch_cache_control(response, private=True, no_cache=True)
        elif response.status_code == 200:
            patch_cache_control(
                response,
                public=True,
                max_age=MAX_AGE,
                stale_while_revalidate=MAX_STALE,
            )
            response.is_public = True  # type: ignore[attr-defined]
        return response

    return cast(View[P], wrapped)
