"""/robots.txt: which pages search engines should not fetch, and where the sitemap is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /accounts/
Disallow: /subscriptions/
Disallow: /search?
Disallow: /*?*sort=
Disallow: /*?*min_votes=
Disallow: /*?*similar=

Sitemap: {sitemap}
"""
MAX_AGE = 3_600  # seconds


@require_safe
@cache_control(public=True, max_age=MAX_AGE)
def robots(request: HttpRequest) -> HttpResponse:
    text = ROBOTS.format(sitemap=f"{settings.SITE_URL}{reverse('papers:sitemap')}")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
