"""What a phone asks for that puts the site beside its apps."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PAPER = "#faf6ee"


@require_safe
@cache_control(public=True, max_age=3_600)
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [
        {"src": static("img/favicon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("img/icon-192.png"), "type": "image/png", "sizes": "192x192"},
        # Its mark stands clear of the edge, which some phones cut round.
        {
            "src": static("img/icon-512.png"),
            "type": "image/png",
            "sizes": "512x512",
            "purpose": "any maskable",
        },
    ]
    described = {
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(described, content_type="application/manifest+json")
