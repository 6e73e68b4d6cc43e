"""Settings for the pages benchmark: the site with one bare view that sends the bytes of a page.

Without the page cache: its look-ups would slow the bare view down and make our ratio look better.
"""

import os
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.cache import get_conditional_response

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as ALL_MIDDLEWARE

MIDDLEWARE = [name for name in ALL_MIDDLEWARE if name != "site_web.page_cache.cache_public_pages"]
BODY = Path(os.environ["BARE_BODY"]).read_bytes()
HEADERS = {"Content-Encoding": "br", "ETag": 'W/"bare"', "Vary": "Accept-Encoding, Cookie"}


def bare(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(BODY, headers=HEADERS)
    return get_conditional_response(request, etag=HEADERS["ETag"], response=response) or response


ROOT_URLCONF = __name__
urlpatterns = [path("", bare)]
