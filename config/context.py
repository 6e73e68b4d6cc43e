"""What every page knows about the site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "site": {
            "name": settings.SITE_NAME,
            "url": settings.SITE_URL,
            "contact_email": settings.CONTACT_EMAIL,
        }
    }
