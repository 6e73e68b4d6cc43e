"""/site.webmanifest: name, colours and icons for a phone that puts the site beside its apps."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

BACKGROUND = "#faf6ee"


@require_safe
@cache_control(public=True, max_age=3_600)
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [
        {"src": static("img/favicon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("img/icon-192.png"), "type": "image/png", "sizes": "192x192"},
        # The mark keeps clear of the edge, which some phones cut to a circle.
        {
            "src": static("img/icon-512.png"),
            "type": "image/png",
            "sizes": "512x512",
            "purpose": "any maskable",
        },
    ]
    content = {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": BACKGROUND,
        "theme_color": BACKGROUND,
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")
